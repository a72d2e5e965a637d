//! Discovery: what this server offers to CDS Hooks, and what it wants fetched beforehand.

use super::Language;
use crate::wire::hook::{Prefetch, Service, ServicesAnswer};

/// The body of `GET /cds-services`. One service answers two hooks, as the specification allows, so that
/// a client can tell that the later answer brings the earlier up to date.
pub(crate) fn services(language: Language) -> ServicesAnswer {
    let title = language.of("重複投薬等チェック", "Duplicate medication check");
    let description = language.of(
        "処方オーダーの薬剤が、過去の処方・調剤の薬剤と重複していないか、併用禁忌でないかを調べます。",
        "Checks whether ordered drugs duplicate, or are contraindicated with, drugs that were \
         prescribed or dispensed before.",
    );
    let usage = language.of(
        "患者は被保険者番号（Coverage または Patient の被保険者個人識別子）で照合します。\
         過去の薬剤の内容を見るには、拡張 com.chofuku の consent が必要です。",
        "Patients are matched by their insured identity (Coverage, or the member number of Patient). \
         The details of past drugs need consent in the extension com.chofuku.",
    );
    let service = |hook| Service {
        hook,
        id: "medication-check",
        title,
        description,
        usage_requirements: usage,
        prefetch: Prefetch {
            patient: "Patient/{{context.patientId}}",
            coverage: "Coverage?patient={{context.patientId}}&status=active",
        },
    };
    ServicesAnswer { services: ["order-select", "order-sign"].map(service).into() }
}
