//! What is measured: large inputs of each format, invented, each document a little different.

use std::fmt::Write as _;

/// A prescription with five RPs, each a little different.
pub(crate) fn prescription(turn: usize) -> String {
    let (patient, code) = (turn % 9_000_000, 620_000_000 + turn % 9_999);
    format!(
        "SJ1\r\n1,1,7654321,27,見本町クリニック\r\n2,540-0000,大阪府大阪市見本町９－９\r\n\
         3,06-0000-0000,,\r\n4,2,01,内科\r\n5,,ﾐﾎﾝ ｲｼ,見本　医師\r\n11,42,架空　花子,ｶｸｳ ﾊﾅｺ\r\n\
         12,2\r\n13,3450607\r\n14,1\r\n21,1\r\n22,06990000\r\n23,見本,{patient},2,03\r\n\
         24,030,070\r\n31,1112\r\n51,20261102\r\n52,20261105\r\n\
         101,1,1,,28\r\n111,1,3,1011000400000000,１日１回朝食後　服用,1\r\n\
         201,1,1,1,2,{code},アムロジピン錠５ｍｇ「見本」,1,1,錠\r\n\
         201,1,2,1,7,2149032F1ZZZ,【般】カルベジロール錠１０ｍｇ,0.5,1,錠\r\n\
         101,2,1,,14\r\n111,2,3,1012040400000000,１日２回朝夕食後　服用,2\r\n\
         201,2,1,1,4,1190023F1024,見本錠２００ｍｇ,2,1,錠\r\n\
         101,3,2,,10\r\n111,3,3,1050110000000000,疼痛時　服用,\r\n\
         181,3,1,8,最低６時間あけて,V6060000,\r\n\
         201,3,1,1,2,620098801,ロキソプロフェン錠６０ｍｇ「見本」,1,1,錠\r\n\
         281,3,1,1,3,後発品変更不可,\r\n\
         101,4,3,,1\r\n111,4,3,2A71000000000000,１日１回　貼付,1\r\n\
         201,4,1,1,2,620007804,見本テープＬ４０ｍｇ　１０ｃｍ×１４ｃｍ,28,1,枚\r\n\
         101,5,1,,13\r\n111,5,3,1011000400000000,１日１回朝食後　服用,1\r\n\
         181,5,1,3,隔日投与,I1100000,\r\n\
         201,5,1,1,2,{code},見本カプセル１０ｍｇ,1,1,カプセル\r\n"
    )
}

/// A dispensing of four drugs.
fn dispensing(turn: usize) -> String {
    let code = 620_000_000 + turn % 9_999;
    format!(
        "5,20261103,1\r\n11,見本薬局　中央店,27,4,1112223,540-0001,大阪府大阪市見本町１－１,\
         06-0000-0001,1\r\n15,見本　薬子,,1\r\n51,見本町クリニック,27,1,7654321,1\r\n\
         55,見本　医師,内科,1\r\n\
         201,1,アムロジピン錠５ｍｇ「見本」,1,錠,2,{code},1,【般】アムロジピン錠５ｍｇ,2,2171022F2ZZZ\r\n\
         201,1,カルベジロール錠１０ｍｇ「見本」,1,錠,2,{code},1\r\n\
         301,1,【分１　朝食後服用】,28,日分,1,1,,1\r\n\
         201,2,ロキソプロフェン錠６０ｍｇ「見本」,1,錠,2,620098801,1\r\n\
         291,2,空腹時を避けて服用してください。,1\r\n\
         301,2,疼痛時服用,10,回分,3,1,,1\r\n\
         201,3,見本テープＬ４０ｍｇ,28,枚,2,620007804,1\r\n\
         301,3,１日１回貼付,1,調剤,5,1,,1\r\n501,見本の備考,1\r\n"
    )
}

/// A notebook with one dispensing.
pub(crate) fn notebook(turn: usize) -> String {
    let head = "JAHISTC08,1\r\n1,架空　花子,2,S450607,540-0000,大阪府大阪市見本町９－９,\
                06-0000-0000,,A+,52.3,カクウ　ハナコ\r\n2,1,そば,1\r\n";
    format!("{head}{}", dispensing(turn))
}

/// A dispensing result, in the layout that is assumed for it.
pub(crate) fn dispensing_result(turn: usize) -> String {
    let head = if turn == 0 { "MIHON1\r\n" } else { "" };
    format!("{head}{}511,999,用量を確認し変更なし\r\n521,2,2,20261201\r\n", dispensing(turn))
}

/// Months of one institution each, two days with three drugs, as claims are written.
pub(crate) fn xml(size: usize) -> String {
    let mut text =
        String::from("<?xml version=\"1.0\" encoding=\"Shift_JIS\"?>\n<XmlMsg><MessageBody>\n");
    let mut number = 0_u32;
    while text.len() < size {
        number = number.wrapping_add(1);
        let institution = number % 10_000_000;
        let _written = writeln!(
            text,
            "<MeTrMonthInf><DiOrg>2</DiOrg><MeTrDiHCd>134{institution:07}</MeTrDiHCd>\
             <MeTrDiHNm>見本薬局</MeTrDiHNm><MeTrMonth>202609</MeTrMonth>\
             <PrlsHCd>131{institution:07}</PrlsHCd><PrlsHNm>見本内科クリニック</PrlsHNm>\
             <PrIsOrg>2</PrIsOrg><InOut>2</InOut><DiDateInfs>"
        );
        for day in [3, 17] {
            let _written = writeln!(
                text,
                "<DiDateInf><DiDate>202609{day:02}</DiDate><PrDate>202609{day:02}</PrDate>\n\
                 <DrugInfs>"
            );
            for drug in 0..3 {
                let _written = writeln!(
                    text,
                    "<DrugInf><DrugC>61000000{drug}</DrugC><DrugN>見本錠５ｍｇ</DrugN>\
                     <IngreN>ミホニン塩酸塩</IngreN><Qua1>3</Qua1><Unit>錠</Unit>\
                     <UsageN>１日３回朝昼夕食後　服用</UsageN><SpInst></SpInst><Times>14</Times>\
                     <MeTrIdCl>21</MeTrIdCl></DrugInf>"
                );
            }
            text.push_str("</DrugInfs></DiDateInf>\n");
        }
        text.push_str("</DiDateInfs></MeTrMonthInf>\n");
    }
    text.push_str("</MessageBody></XmlMsg>\n");
    text
}

/// One order a line, three of one prescription.
pub(crate) fn ndjson(size: usize) -> String {
    let mut text = String::new();
    let mut number = 0_u32;
    while text.len() < size {
        let (prescription, rp) = (number / 3, number % 3 + 1);
        number = number.wrapping_add(1);
        let _written = writeln!(
            text,
            "{{\"resourceType\":\"MedicationRequest\",\"id\":\"{number}\",\"status\":\"active\",\
             \"intent\":\"order\",\"identifier\":[\
             {{\"system\":\"urn:oid:1.2.392.100495.20.3.11\",\"value\":\"RX{prescription}\"}},\
             {{\"system\":\"urn:oid:1.2.392.100495.20.3.81\",\"value\":\"{rp}\"}},\
             {{\"system\":\"urn:oid:1.2.392.100495.20.3.82\",\"value\":\"1\"}}],\
             \"medicationCodeableConcept\":{{\"text\":\"見本錠２５０ｍｇ\",\"coding\":[\
             {{\"system\":\"urn:oid:1.2.392.200119.4.403.1\",\"code\":\"103831601\"}},\
             {{\"system\":\"urn:oid:1.2.392.100495.20.1.73\",\"code\":\"2233002F1280\"}}]}},\
             \"subject\":{{\"reference\":\"Patient/1\"}},\"authoredOn\":\"2026-09-02\",\
             \"dosageInstruction\":[{{\"text\":\"内服・経口・１日３回朝昼夕食後　１回１錠　７日分\",\
             \"timing\":{{\"repeat\":{{\"boundsDuration\":{{\"value\":7,\"unit\":\"日\",\
             \"system\":\"http://unitsofmeasure.org\",\"code\":\"d\"}}}},\"code\":{{\"coding\":[\
             {{\"system\":\"urn:oid:1.2.392.200250.2.2.20.20\",\"code\":\"1013044400000000\"}}]}}}},\
             \"doseAndRate\":[{{\"doseQuantity\":{{\"value\":1,\"unit\":\"錠\"}}}}]}}],\
             \"dispenseRequest\":{{\"quantity\":{{\"value\":21,\"unit\":\"錠\"}},\
             \"expectedSupplyDuration\":{{\"value\":7,\"code\":\"d\",\"unit\":\"日\"}}}}}}"
        );
    }
    text
}
