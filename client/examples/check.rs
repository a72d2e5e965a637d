//! Checks one drug for one patient: `cargo run -p chofuku-client --example check -- ADDRESS PATIENT YJ-CODE`.
//! Exits with 0 only where everything was checked and nothing was found.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example tells what it found")]

use std::process::ExitCode;

use chofuku_client::{Actor, Check, Client, Consent, Drug, Error, Form, Line, Patient};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, patient, code] = arguments.as_slice() else {
        eprintln!("usage: check ADDRESS PATIENT YJ-CODE");
        return ExitCode::from(2);
    };
    match ask(address, patient, code).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(3),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything was checked and nothing was found.
async fn ask(address: &str, patient: &str, code: &str) -> Result<bool, Error> {
    let client = Client::new(address)?;
    let check = Check::new(Patient::id(patient), Actor::medical_institution("1311234567"))
        .consent(Consent::oral("dr-017"))
        .line(Line::new(1, Drug::yj(code), Form::Oral).quantity("14"));
    let answer = client.check(&check).await?;
    println!("{}", answer.outcome);
    for finding in &answer.findings {
        println!("{}", finding.message.ja);
    }
    for line in &answer.not_checked {
        println!("line {} was not checked: {}", line.line, line.reason);
    }
    Ok(answer.is_clear())
}
