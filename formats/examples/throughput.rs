//! How fast the readers of comma-separated messages are, beside summing the bytes of the same buffer,
//! which is what reading memory costs. One core; prints, for each format and encoding, megabytes a
//! second, both, and their ratio.
//!
//!     cargo run --release -p chofuku-formats --example throughput

#![expect(clippy::print_stdout, reason = "an example prints")]

use std::hint::black_box;
use std::time::Instant;

use chofuku_formats::CsvMessageError;
use chofuku_formats::eprescription::{self, encode};
use chofuku_formats::{dispensing_result, notebook};

/// Documents of each buffer: some tens of megabytes, more than any cache holds.
const DOCUMENTS: usize = 40_000;
const ROUNDS: u32 = 5;

type Make = fn(usize) -> String;
type Read = fn(&[u8]) -> Result<usize, CsvMessageError>;

fn main() -> Result<(), CsvMessageError> {
    println!("format               encoding  MB   read MB/s   sum MB/s   sum/read   documents/s");
    let eprescription: Read = |bytes| Ok(eprescription::read("buffer", bytes)?.documents.len());
    let notebook: Read = |bytes| Ok(notebook::read("buffer", bytes)?.documents.len());
    let result: Read =
        |bytes| Ok(dispensing_result::read_as_notebook("buffer", bytes)?.documents.len());
    let formats: [(&str, Make, Read); 3] = [
        ("electronic prescription", prescription, eprescription),
        ("notebook", notebook_text, notebook),
        ("dispensing result", result_text, result),
    ];
    for (name, document, read) in formats {
        let text: String = (0..DOCUMENTS).map(document).collect();
        measure(name, "UTF-8", text.as_bytes(), read)?;
        measure(name, "CP932", &encode(&text).bytes, read)?;
    }
    Ok(())
}

/// The best of several rounds.
fn measure(name: &str, encoding: &str, bytes: &[u8], read: Read) -> Result<(), CsvMessageError> {
    let (mut reading, mut summing, mut documents) = (f64::MAX, f64::MAX, 0);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        documents = read(black_box(bytes))?;
        reading = reading.min(start.elapsed().as_secs_f64());
        let start = Instant::now();
        let sum = black_box(bytes).iter().fold(0_u64, |sum, byte| sum.wrapping_add((*byte).into()));
        black_box(sum);
        summing = summing.min(start.elapsed().as_secs_f64());
    }
    let megabytes = number(bytes.len()) / 1e6;
    println!(
        "{name:24} {encoding} {megabytes:5.1} {:10.0} {:10.0} {:10.1} {:12.0}",
        megabytes / reading,
        megabytes / summing,
        reading / summing,
        number(documents) / reading,
    );
    Ok(())
}

fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

/// A prescription with five RPs, each a little different.
fn prescription(turn: usize) -> String {
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

fn notebook_text(turn: usize) -> String {
    let head = "JAHISTC08,1\r\n1,架空　花子,2,S450607,540-0000,大阪府大阪市見本町９－９,\
                06-0000-0000,,A+,52.3,カクウ　ハナコ\r\n2,1,そば,1\r\n";
    format!("{head}{}", dispensing(turn))
}

fn result_text(turn: usize) -> String {
    let head = if turn == 0 { "MIHON1\r\n" } else { "" };
    format!("{head}{}511,999,用量を確認し変更なし\r\n521,2,2,20261201\r\n", dispensing(turn))
}
