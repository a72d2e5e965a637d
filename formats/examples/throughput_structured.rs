//! How fast the eligibility XML and FHIR NDJSON are read, beside summing the bytes of the same
//! buffer: `cargo run --release -p chofuku-formats --example throughput_structured [megabytes]`.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use chofuku_formats::{decode, fhir, online_eligibility};

const MEGABYTE: usize = 1 << 20;
const ROUNDS: usize = 5;

fn main() {
    let asked = std::env::args().nth(1).and_then(|count| count.parse().ok());
    let size = asked.unwrap_or(64_usize).saturating_mul(MEGABYTE);
    let xml = decode(xml(size).as_bytes());
    measure("online eligibility XML", &xml.text, || {
        online_eligibility::read("xml", &xml).map_or(0, |history| history.entries.len())
    });
    let ndjson = decode(ndjson(size).as_bytes());
    measure("FHIR NDJSON", &ndjson.text, || {
        fhir::read("ndjson", &ndjson).map_or(0, |message| message.documents.len())
    });
}

/// The best of several rounds, each reading the whole buffer.
#[expect(clippy::print_stdout, reason = "a measurement prints")]
fn measure(name: &str, text: &str, read: impl Fn() -> usize) {
    let best = |run: &dyn Fn() -> usize| {
        let rounds = (0..ROUNDS).map(|_| {
            let start = Instant::now();
            black_box(run());
            start.elapsed()
        });
        rounds.min().unwrap_or(Duration::MAX)
    };
    let sum = best(&|| {
        let bytes = black_box(text.as_bytes()).iter();
        bytes.fold(0_usize, |sum, byte| sum.wrapping_add(usize::from(*byte)))
    });
    let time = best(&read);
    let megabytes = u32::try_from(text.len() / MEGABYTE).map_or(f64::MAX, f64::from);
    println!(
        "{name}: {:.0} MB/s, {} documents of {megabytes} MB; summing the bytes: {:.0} MB/s",
        megabytes / time.as_secs_f64(),
        read(),
        megabytes / sum.as_secs_f64()
    );
}

/// Months of one institution each, two days with three drugs, as claims are written.
fn xml(size: usize) -> String {
    let mut text =
        String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<XmlMsg><MessageBody>\n");
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
fn ndjson(size: usize) -> String {
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
