//! CDS Hooks: draft orders to cards, under the consent that comes with them, and what is not shown twice.

use std::path::Path;

use chofuku_server::{Config, Hooks};
use serde_json::{Value, json};

use crate::client::{Server, config};
use crate::fixture::{self, amlodipine, triazolam};
use crate::hook::{PATH, asked, cards, order, request, send, summaries};

fn with_hooks(hooks: Hooks) -> Server {
    Server::with(Config { hooks, ..config() }, fixture::index())
}

fn norvasc() -> Value {
    order("a", &amlodipine(), "ノルバスク錠５ｍｇ")
}

fn halcion() -> Value {
    order("t", &triazolam(), "ハルシオン０．２５ｍｇ錠")
}

#[test]
fn discovery_tells_both_hooks_of_one_service() {
    let server = Server::start();
    let services = server.get("/cds-services").json();
    let services = services["services"].as_array().unwrap();
    let told = services.iter().map(|one| (one["hook"].as_str(), one["id"].as_str()));
    let id = Some("medication-check");
    assert_eq!(told.collect::<Vec<_>>(), [(Some("order-select"), id), (Some("order-sign"), id)]);
    for service in services {
        assert_eq!(service["title"], "重複投薬等チェック");
        assert_eq!(service["prefetch"]["patient"], "Patient/{{context.patientId}}");
        assert!(service["prefetch"]["coverage"].as_str().unwrap().starts_with("Coverage?"));
    }
    let english = send(&server, "GET /cds-services HTTP/1.1\r\naccept-language: en", "").json();
    assert_eq!(english["services"][0]["title"], "Duplicate medication check");
}

#[test]
fn a_contraindication_is_critical_and_says_on_what_it_rests() {
    let server = Server::start();
    let answer = asked(&server, &request("order-sign", "itraconazole", "full", &[halcion()]));
    let [card] = cards(&answer) else { panic!("{answer}") };
    assert_eq!(card["indicator"], "critical");
    let summary = card["summary"].as_str().unwrap();
    assert!(summary.contains("ハルシオン") && summary.contains("併用禁忌です。"), "{summary}");
    let detail = card["detail"].as_str().unwrap();
    for told in ["2026-11-20", "みどり医院", "添付文書", "6290004M1029", "作用が増強する"]
    {
        assert!(detail.contains(told), "{told} in {detail}");
    }
    let source = &card["source"];
    assert_eq!(source["topic"]["code"], "contraindication");
    assert_eq!(source["topic"]["display"], "併用禁忌");
    let reasons = card["overrideReasons"].as_array().unwrap();
    assert!(reasons.len() > 3);
    assert!(reasons.iter().all(|one| one["code"].is_string() && one["display"].is_string()));
    assert_eq!(card["selectionBehavior"], "at-most-one");
    let action = &card["suggestions"][0]["actions"][0];
    assert_eq!(
        (&action["type"], &action["resourceId"]),
        (&json!("delete"), &json!("MedicationRequest/t"))
    );
    assert_eq!(card["extension"]["com.chofuku"]["order"], "MedicationRequest/t");
    let ours = &answer["extension"]["com.chofuku"];
    assert_eq!((&ours["outcome"], &ours["identity"]), (&json!("findings"), &json!("id")));
    assert_eq!(ours["snapshot"]["generation"], 3);
}

#[test]
fn without_consent_a_card_says_that_and_how_and_nothing_more() {
    let server = Server::start();
    let told = |patient: &str| {
        let mut answer = asked(&server, &request("order-sign", patient, "none", &[norvasc()]));
        for card in answer["cards"].as_array_mut().unwrap() {
            let card = card.as_object_mut().unwrap();
            assert!(card.remove("uuid").is_some());
            assert!(card["suggestions"][0].as_object_mut().unwrap().remove("uuid").is_some());
        }
        answer
    };
    let one = told("one");
    assert_eq!(one, told("five"), "one past partner and five are told alike");
    let text = one.to_string();
    for hidden in
        ["アムロジピン", "2026-11-20", "みどり", "1312222222", "1344444444", "doc-", "14日"]
    {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
    let [(indicator, summary)] = summaries(&one)[..] else { panic!("{one}") };
    assert_eq!(indicator, "warning");
    assert_eq!(summary, "『ノルバスク錠５ｍｇ』は、過去の処方・調剤の薬剤と重複しています。");
    let mut silent = request("order-sign", "one", "none", &[norvasc()]);
    silent["extension"]["com.chofuku"].as_object_mut().unwrap().remove("consent");
    assert_eq!(summaries(&asked(&server, &silent)), [(indicator, summary)], "none is the default");
}

#[test]
fn english_for_who_asks_for_it() {
    let server = Server::start();
    let body = request("order-sign", "one", "full", &[norvasc()]).to_string();
    let head = format!(
        "POST {PATH} HTTP/1.1\r\ncontent-type: application/json\r\naccept-language: en-US,ja;q=0.5"
    );
    let answer = send(&server, &head, &body).json();
    let [(_, summary)] = summaries(&answer)[..] else { panic!("{answer}") };
    assert!(summary.contains("duplicates"), "{summary}");
    assert!(cards(&answer)[0]["detail"].as_str().unwrap().contains("**Past drugs**"));
    assert_eq!(cards(&answer)[0]["source"]["topic"]["display"], "Duplicate medication");
}

#[test]
fn selection_shows_what_is_selected() {
    let server = Server::start();
    let orders = [norvasc(), order("t", "9999999X9995", "未知錠")];
    let mut all = request("order-select", "one", "full", &orders);
    assert_eq!(cards(&asked(&server, &all)).len(), 2);
    for (selected, indicator) in
        [("MedicationRequest/a", "warning"), ("MedicationRequest/t", "info")]
    {
        all["context"]["selections"] = json!([selected]);
        let answer = asked(&server, &all);
        let [(found, _)] = summaries(&answer)[..] else { panic!("{selected}: {answer}") };
        assert_eq!(found, indicator, "{selected}");
    }
    for (selected, indicator) in [
        ("https://ehr.example/fhir/MedicationRequest/a", "warning"),
        ("MedicationRequest/a/_history/1", "warning"),
        ("https://ehr.example/fhir/MedicationRequest/t/_history/2", "info"),
        ("t", "info"),
    ] {
        all["context"]["selections"] = json!([selected]);
        let answer = asked(&server, &all);
        let [(found, _)] = summaries(&answer)[..] else { panic!("{selected}: {answer}") };
        assert_eq!(found, indicator, "{selected}");
    }
    for unknown in [
        json!([]),
        json!(["MedicationRequest/nope"]),
        json!(["NutritionOrder/a"]),
        json!(["MedicationRequest/t", "urn:uuid:1"]),
    ] {
        all["context"]["selections"] = unknown.clone();
        assert_eq!(
            cards(&asked(&server, &all)).len(),
            2,
            "nobody knows what is selected: {unknown}"
        );
    }
    let entries = all["context"]["draftOrders"]["entry"].as_array_mut().unwrap();
    entries.push(json!({"resource": {"resourceType": "NutritionOrder", "id": "a"}}));
    all["context"]["selections"] = json!(["NutritionOrder/a"]);
    assert_eq!(cards(&asked(&server, &all)).len(), 0, "another resource of the same id");
}

#[test]
fn an_order_that_cannot_be_read_is_told_of() {
    let server = Server::start();
    let clear = request("order-sign", "one", "full", &[halcion()]);
    let of = |entry: Value| {
        let mut asking = clear.clone();
        let entries = asking["context"]["draftOrders"]["entry"].as_array_mut().unwrap();
        entries.push(entry);
        asking
    };
    let mut untyped = norvasc();
    untyped.as_object_mut().unwrap().remove("resourceType");
    let mut misspelt = norvasc();
    misspelt["resourceType"] = json!("medicationRequest");
    let mut holding = halcion();
    holding["contained"] = json!([norvasc()]);
    let mut page = clear.clone();
    page["context"]["draftOrders"]["link"] =
        json!([{"relation": "next", "url": "https://ehr.example/fhir/2"}]);
    let mut alone = request("order-sign", "one", "full", &[]);
    alone["context"]["draftOrders"]["entry"] = json!([{"fullUrl": "MedicationRequest/m2"}]);
    for asking in [
        of(Value::Null),
        of(json!({"fullUrl": "MedicationRequest/m2"})),
        of(json!({"resource": untyped})),
        of(json!({"resource": misspelt})),
        request("order-sign", "one", "full", &[holding]),
        page,
        alone,
    ] {
        let answer = asked(&server, &asking);
        let [(indicator, summary)] = summaries(&answer)[..] else { panic!("{asking}: {answer}") };
        assert_eq!(indicator, "info", "{summary}");
        assert!(summary.contains("読み取れない"), "{summary}");
        let ours = &answer["extension"]["com.chofuku"];
        assert!(ours["outcome"].is_null() || ours["outcome"] == "incomplete", "{answer}");
        assert_ne!(ours["complete"], true, "{answer}");
    }
}

#[test]
fn what_was_shown_at_selection_is_not_shown_again_at_signing() {
    let server = Server::start();
    let orders = [norvasc(), halcion()];
    let select = request("order-select", "one", "full", &orders[..1]);
    let sign = request("order-sign", "one", "full", &orders);
    assert_eq!(cards(&asked(&server, &sign)).len(), 1, "nothing was shown yet");
    assert_eq!(cards(&asked(&server, &select)).len(), 1);
    assert_eq!(cards(&asked(&server, &select)).len(), 1, "selection shows it every time");
    let answer = asked(&server, &sign);
    assert_eq!(
        summaries(&answer),
        [("info", "オーダー選択時に表示した1件（うち併用禁忌0件）は再表示していません。")]
    );
    assert_eq!(answer["extension"]["com.chofuku"]["repeated"], 1);
    assert_eq!(answer["extension"]["com.chofuku"]["outcome"], "findings", "it is still one");

    let mut another = sign.clone();
    another["context"]["userId"] = json!("Practitioner/2");
    assert_eq!(summaries(&asked(&server, &another))[0].0, "warning", "another user");
    let mut nobody = sign.clone();
    nobody["context"].as_object_mut().unwrap().remove("userId");
    assert_eq!(summaries(&asked(&server, &nobody))[0].0, "warning", "no user");
    let told_less = request("order-sign", "one", "none", &orders);
    assert_eq!(summaries(&asked(&server, &told_less))[0].0, "warning", "another consent");
    let mut twice = sign.clone();
    let entries = twice["context"]["draftOrders"]["entry"].as_array_mut().unwrap();
    entries.push(json!({"resource": order("b", &amlodipine(), "ノルバスク錠５ｍｇ")}));
    let indicators: Vec<_> =
        summaries(&asked(&server, &twice)).iter().map(|one| one.0.to_owned()).collect();
    assert_eq!(indicators, ["warning", "info"], "the second order of the drug is new");
    let mut later = sign.clone();
    later["extension"]["com.chofuku"]["as_of"] = json!("2026-11-23");
    assert_eq!(summaries(&asked(&server, &later))[0].0, "warning", "another day");
    for show in [
        json!({"com.chofuku": {"repeats": "show", "consent": {"level": "full"},
               "actor": {"kind": "medical_institution", "code": "1311111111"}}}),
        json!({"com.chofuku": {"consent": {"level": "full"},
               "actor": {"kind": "medical_institution", "code": "1311111111"}},
               "pddi-configuration-items": {"filter-out-repeated-alerts": false}}),
    ] {
        let mut wanted = sign.clone();
        wanted["extension"] = show;
        assert_eq!(summaries(&asked(&server, &wanted))[0].0, "warning", "it is wanted");
    }
}

/// A coverage as JP Core writes it.
fn coverage(patient: &str, number: &str) -> Value {
    let extension = |name: &str, value: &str| {
        let url = "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Coverage_";
        json!({"url": format!("{url}{name}"), "valueString": value})
    };
    json!({
        "resourceType": "Coverage", "status": "active",
        "extension": [extension("InsuredPersonSymbol", "12"),
                      extension("InsuredPersonNumber", number),
                      extension("InsuredPersonSubNumber", "01")],
        "beneficiary": {"reference": format!("Patient/{patient}")},
        "payor": [{"identifier": {"system": "http://jpfhir.jp/fhir/core/mhlw/IdSystem/InsurerNumber",
                                  "value": "06130012"}}]
    })
}

fn searchset(resources: &[Value]) -> Value {
    let entries: Vec<Value> = resources.iter().map(|one| json!({"resource": one})).collect();
    json!({"resourceType": "Bundle", "type": "searchset", "entry": entries})
}

fn member(value: &str) -> Value {
    let system = "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID";
    json!({"resourceType": "Patient", "id": "p1", "identifier": [{"system": system, "value": value}]})
}

#[test]
fn the_insured_identity_comes_with_the_prefetch() {
    let hooks = Hooks { require_insured: true, ..Hooks::default() };
    let server = with_hooks(hooks);
    let mut asking = request("order-sign", "p1", "oral", &[norvasc()]);
    let missing = server.post(PATH, &asking.to_string());
    assert_eq!((missing.status, missing.code().as_str()), (412, "prefetch_missing"));
    for prefetch in [
        json!({"coverage": searchset(&[coverage("p1", "3456")])}),
        json!({"coverage": coverage("p1", "3456"), "patient": {"resourceType": "Patient", "id": "p1"}}),
        json!({"patient": member("06130012:１２:３４５６:01"), "coverage": null}),
        json!({"patient": member("06130012:12:3456:01"), "coverage": coverage("p1", "3456")}),
    ] {
        asking["prefetch"] = prefetch;
        let answer = asked(&server, &asking);
        assert_eq!(answer["extension"]["com.chofuku"]["identity"], "insured");
        assert_eq!(summaries(&answer)[0].0, "warning", "{answer}");
    }
    for (prefetch, status, path) in [
        (json!({"coverage": searchset(&[])}), 412, "prefetch.coverage"),
        (json!({"coverage": coverage("somebody-else", "3456")}), 412, "prefetch.coverage"),
        (
            json!({"coverage": searchset(&[coverage("p1", "3456"), coverage("p1", "3457")])}),
            400,
            "prefetch.coverage",
        ),
        (
            json!({"coverage": coverage("p1", "3456"), "patient": member("06130012:12:9999:01")}),
            400,
            "prefetch.patient.identifier",
        ),
        (json!({"patient": member("06130012:12:3456")}), 400, "prefetch.patient.identifier"),
        (json!({"patient": member("06130012:12:3456:")}), 400, "patient.branch"),
    ] {
        asking["prefetch"] = prefetch;
        let refused = server.post(PATH, &asking.to_string());
        assert_eq!(refused.status, status, "{path}: {}", refused.text());
        assert_eq!(refused.json()["path"], path, "{}", refused.text());
    }
}

#[test]
fn what_is_not_checked_is_said() {
    let server = Server::start();
    let rxnorm = json!({
        "resourceType": "MedicationRequest", "status": "draft",
        "medicationCodeableConcept": {"text": "Digoxin 0.2 MG Oral Capsule", "coding": [
            {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "197605"}]}});
    let mut cancelled = norvasc();
    cancelled["status"] = json!("cancelled");
    let orders = [rxnorm, cancelled, order("n", &triazolam(), "別名錠")];
    let mut asking = request("order-sign", "one", "full", &orders);
    let entries = asking["context"]["draftOrders"]["entry"].as_array_mut().unwrap();
    entries.push(json!({"resource": {"resourceType": "NutritionOrder", "id": "x"}}));
    entries.push(json!({"resource": {"resourceType": "MedicationOrder", "id": "old"}}));
    let answer = asked(&server, &asking);
    let told = summaries(&answer);
    let expected = [
        (
            "warning",
            "『別名錠』 コードの薬剤と名称が一致しません。コードの薬剤でチェックしました。",
        ),
        (
            "info",
            "『Digoxin 0.2 MG Oral Capsule』 チェックしていません：日本の薬剤コード（YJ・HOT・一般名）がありません。",
        ),
        ("info", "MedicationOrder/old: チェックしていません (MedicationOrder (DSTU2))"),
        ("info", "MedicationRequest/a: チェックしていません (cancelled)"),
    ];
    assert_eq!(told, expected);
    assert_eq!(answer["extension"]["com.chofuku"]["outcome"], "incomplete");
    let unresolved = asked(&server, &request("order-sign", "unresolved", "none", &[halcion()]));
    assert_eq!(summaries(&unresolved).len(), 1, "a past drug that nobody knows: {unresolved}");
    let nothing = asked(&server, &request("order-sign", "one", "full", &[]));
    assert_eq!(cards(&nothing).len(), 0);
    let clear = asked(&server, &request("order-sign", "one", "full", &[halcion()]));
    assert_eq!(clear["cards"], json!([]));
    assert_eq!(clear["extension"]["com.chofuku"]["outcome"], "clear");
}

#[test]
fn who_asks_is_said_configured_or_nobody() {
    let own = Hooks {
        actor: Some(("medical_institution".to_owned(), "1312222222".to_owned())),
        public_url: Some("https://check.example".to_owned()),
        ..Hooks::default()
    };
    let mut asking = request("order-sign", "one", "full", &[norvasc()]);
    asking["extension"]["com.chofuku"].as_object_mut().unwrap().remove("actor");
    let found =
        |server: &Server, asking: &Value| asked(server, asking)["cards"].as_array().unwrap().len();
    assert_eq!(found(&with_hooks(own.clone()), &asking), 0, "its own record is left out");
    assert_eq!(found(&Server::start(), &asking), 1, "nobody's own: everything counts");
    asking["extension"]["com.chofuku"]["own_institution"] = json!("include");
    let server = with_hooks(own);
    let answer = asked(&server, &asking);
    assert_eq!(cards(&answer)[0]["source"]["url"], "https://check.example");
    assert_eq!(cards(&answer)[0]["links"][0]["url"], "https://check.example/");
}

#[test]
fn a_request_is_refused_where_it_is_wrong() {
    let server = Server::start();
    let valid = request("order-select", "one", "full", &[norvasc()]);
    let refused = |pointer: &str, value: Option<Value>| {
        let mut request = valid.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = request.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        match value {
            Some(value) => drop(parent.insert(name.to_owned(), value)),
            None => drop(parent.remove(name)),
        }
        let reply = server.post(PATH, &request.to_string());
        let path = reply.json()["path"].as_str().unwrap_or_default().to_owned();
        (reply.status, reply.code(), path)
    };
    let of = |status: u16, code: &str, path: &str| (status, code.to_owned(), path.to_owned());
    let missing = |path| of(400, "missing_field", path);
    let wrong = |path| of(400, "invalid_value", path);
    assert_eq!(refused("/hook", Some(json!("patient-view"))), wrong("hook"));
    assert_eq!(refused("/hookInstance", None), missing("hookInstance"));
    assert_eq!(refused("/context", None), missing("context"));
    assert_eq!(refused("/context/patientId", None), missing("context.patientId"));
    assert_eq!(refused("/context/selections", None), missing("context.selections"));
    assert_eq!(refused("/context/draftOrders", None), missing("context.draftOrders"));
    let ours = "/extension/com.chofuku";
    let told = "extension.com.chofuku";
    let unknown = |path: &str| of(400, "unknown_field", path);
    assert_eq!(
        refused(&format!("{ours}/consents"), Some(json!({}))),
        unknown(&format!("{told}.consents"))
    );
    assert_eq!(
        refused(&format!("{ours}/consent"), Some(json!({"level": "ful"}))),
        wrong(&format!("{told}.consent.level"))
    );
    assert_eq!(
        refused(&format!("{ours}/consent"), Some(json!({"levle": "full"}))),
        unknown(&format!("{told}.consent.levle"))
    );
    assert_eq!(
        refused(&format!("{ours}/consent"), Some(json!({"level": "oral"}))),
        of(400, "recorder_required", "consent.recorded_by")
    );
    assert_eq!(refused(&format!("{ours}/repeats"), Some(json!("hide"))).0, 400);
    let many: Vec<Value> = (0..101).map(|_| json!({"resource": norvasc()})).collect();
    let bundle = json!({"resourceType": "Bundle", "entry": many});
    assert_eq!(refused("/context/draftOrders", Some(bundle)), of(400, "too_many_lines", "lines"));
    let other = json!({"a client's own": 1});
    let mut added = valid.clone();
    added["something"] = other.clone();
    added["context"]["something"] = other.clone();
    added["extension"]["org.example"] = other;
    assert_eq!(cards(&asked(&server, &added)).len(), 1, "clients may add what they like");
    assert_eq!(server.get(PATH).status, 405);
    let feedback = server.post(&format!("{PATH}/feedback"), r#"{"feedback": []}"#);
    assert_eq!((feedback.status, feedback.code().as_str()), (503, "not_ready"), "no event log");
}

#[test]
fn a_body_of_prefetched_resources_may_be_large() {
    let server = Server::start();
    let mut large = request("order-sign", "one", "full", &[norvasc()]);
    large["prefetch"] =
        json!({"patient": {"resourceType": "Patient", "text": "あ".repeat(100_000)}});
    assert_eq!(cards(&asked(&server, &large)).len(), 1);
    large["prefetch"]["patient"]["text"] = json!("あ".repeat(400_000));
    let refused = server.post(PATH, &large.to_string());
    assert_eq!((refused.status, refused.code().as_str()), (413, "body_too_large"));
}

#[test]
fn a_browser_reads_what_its_origin_may() {
    let origin = "https://ehr.example";
    let preflight = |server: &Server, path: &str, origin: &str| {
        let head = format!(
            "OPTIONS {path} HTTP/1.1\r\norigin: {origin}\r\naccess-control-request-method: POST\r\n\
             access-control-request-headers: content-type"
        );
        send(server, &head, "")
    };
    let off = Server::start();
    assert_eq!(preflight(&off, PATH, origin).status, 405, "off by default");
    assert_eq!(off.get("/cds-services").header("access-control-allow-origin"), None);

    let hooks = Hooks { cors_origins: vec![origin.to_owned()], ..Hooks::default() };
    let server = with_hooks(hooks);
    let allowed = preflight(&server, PATH, origin);
    assert_eq!(allowed.status, 204);
    assert_eq!(allowed.header("access-control-allow-origin"), Some(origin));
    assert_eq!(allowed.header("vary"), Some("origin"));
    assert!(allowed.header("access-control-allow-headers").unwrap().contains("content-type"));
    assert_eq!(preflight(&server, PATH, "https://evil.example").status, 405);
    assert_eq!(preflight(&server, "/v1/check", origin).status, 405, "no other call");
    assert_eq!(preflight(&server, "/cds-services-too", origin).status, 404);
    let body = request("order-sign", "one", "none", &[norvasc()]).to_string();
    for (sent, body, status) in [(origin, body.as_str(), 200), (origin, "{", 400)] {
        let head =
            format!("POST {PATH} HTTP/1.1\r\ncontent-type: application/json\r\norigin: {sent}");
        let reply = send(&server, &head, body);
        assert_eq!(
            (reply.status, reply.header("access-control-allow-origin")),
            (status, Some(sent))
        );
    }
    let head = "GET /cds-services HTTP/1.1\r\norigin: https://evil.example";
    assert_eq!(send(&server, head, "").header("access-control-allow-origin"), None);
}

/// What a file of the published requests gives.
fn published(server: &Server, text: &str) -> Option<(u16, Value)> {
    // Two of the files begin with the command line by which they are sent.
    let body = text.get(text.find('{')?..)?;
    let reply = server.post(PATH, body);
    Some((reply.status, reply.json()))
}

/// The published requests of the guide for interactions (PDDI-CDS). They are not part of the project;
/// `CHOFUKU_OFFICIAL_DATA` names the folder whose `examples/cds-hooks` they are.
#[test]
fn the_published_requests_are_read() {
    let Some(data) = std::env::var_os("CHOFUKU_OFFICIAL_DATA") else {
        println!("not run: CHOFUKU_OFFICIAL_DATA is not set");
        return;
    };
    let folder = Path::new(&data).join("examples/cds-hooks");
    let server = Server::start();
    let mut requests = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let (status, answer) = published(&server, &text).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name == "medicationrequest-bundle.json" {
            assert_eq!((status, &answer["path"]), (400, &json!("hook")), "no request: {answer}");
            continue;
        }
        requests += 1;
        assert_eq!(status, 200, "{name}: {answer}");
        let told = summaries(&answer);
        assert!(!told.is_empty(), "{name}: {answer}");
        for (indicator, summary) in told {
            assert_eq!(indicator, "info", "{name}: {summary}");
            assert!(summary.contains("チェックしていません"), "{name}: {summary}");
        }
        assert_eq!(answer["extension"]["com.chofuku"]["outcome"], "incomplete", "{name}");
    }
    assert_eq!(requests, 23);
}
