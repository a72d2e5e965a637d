//! The calls about drugs, about the server itself, and for its operator.

use serde_json::{Value, json};

use super::operation::{Answer, Operation, Tag};
use super::parameters::in_query;
use super::schemas::Schemas;
use crate::error::Code;
use crate::handler::admin::{BackupAnswer, InForceAnswer};
use crate::handler::drugs::{LIMIT_MAX, LIMIT_USUAL, QUERY_CHARACTERS_MAX};
use crate::handler::health::HealthAnswer;
use crate::wire::drug::{DrugAnswer, DrugsAnswer};
use crate::wire::lint::LintAnswer;
use crate::wire::status::StatusAnswer;

pub(super) fn drugs(schemas: &mut Schemas) -> Operation {
    let query = json!({"type": "string", "minLength": 1, "maxLength": QUERY_CHARACTERS_MAX});
    let limit =
        json!({"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_USUAL});
    let answer = schemas.answer::<DrugsAnswer<'_>>();
    Operation {
        parameters: vec![
            in_query("q", "The beginning of a name or of its kana, such as アムロ.", true, &query),
            in_query("limit", "At most so many products.", false, &limit),
        ],
        codes: vec![
            Code::MissingField,
            Code::UnknownField,
            Code::DuplicateField,
            Code::InvalidValue,
            Code::AnswerFailed,
        ],
        waits: true,
        ..get(
            "search_drugs",
            Tag::Drugs,
            ["Find products by name", "名前で医薬品を探す"],
            "Products of which a name, in whatever script it is written, begins with a text.",
            Answer::json(200, "The products.", answer),
        )
    }
}

pub(super) fn drug(schemas: &mut Schemas) -> Operation {
    let answer = schemas.answer::<DrugAnswer<'_>>();
    Operation {
        codes: vec![Code::InvalidValue, Code::UnknownDrug, Code::AnswerFailed],
        waits: true,
        ..get(
            "drug",
            Tag::Drugs,
            ["Tell what a code means", "コードの意味を見る"],
            "The products and substances of a code, how it was resolved, and what it must not meet.",
            Answer::json(200, "What it means.", answer),
        )
    }
}

pub(super) fn status(schemas: &mut Schemas) -> Operation {
    let answer = schemas.answer::<StatusAnswer<'_>>();
    Operation {
        codes: vec![Code::AnswerFailed],
        waits: true,
        ..get(
            "status",
            Tag::Service,
            ["Tell what runs", "サーバーの状態を見る"],
            "Versions, sizes, the generation in force and the last event.",
            Answer::json(200, "The status.", answer),
        )
    }
}

pub(super) fn health(schemas: &mut Schemas) -> Operation {
    let answer = schemas.answer::<HealthAnswer>();
    get(
        "health",
        Tag::Service,
        ["Tell that the process runs", "プロセスの生存を見る"],
        "Answers as long as the process runs.",
        Answer::json(200, "It runs.", answer),
    )
}

pub(super) fn ready(schemas: &mut Schemas) -> Operation {
    let answer = schemas.answer::<HealthAnswer>();
    Operation {
        codes: vec![Code::NotReady],
        ..get(
            "ready",
            Tag::Service,
            ["Tell whether it takes work", "受け付け可能かを見る"],
            "Whether the server takes work, for a load balancer; if not, a sentence says why.",
            Answer::json(200, "It takes work.", answer),
        )
    }
}

pub(super) fn openapi(_: &mut Schemas) -> Operation {
    let document = json!({
        "type": "object",
        "required": ["openapi", "info", "paths", "components"],
    });
    get(
        "openapi",
        Tag::Service,
        ["This document", "この文書（OpenAPI）"],
        "The interface described for programs, in OpenAPI 3.1.",
        Answer::json(200, "The document.", document),
    )
}

pub(super) fn docs(_: &mut Schemas) -> Operation {
    let language = json!({"type": "string", "enum": ["en", "ja"]});
    Operation {
        parameters: vec![in_query(
            "lang",
            "The language of the page; that of `accept-language` unless it is given.",
            false,
            &language,
        )],
        codes: vec![Code::InvalidValue, Code::UnknownField, Code::DuplicateField],
        ..get(
            "docs",
            Tag::Service,
            ["This document as a page", "この文書（ページ）"],
            "The interface described for people, made from `/openapi.json`.",
            page("text/html"),
        )
    }
}

pub(super) fn console(_: &mut Schemas) -> Operation {
    of_console(
        "console",
        ["The console", "画面"],
        "The page for people: prescribers, pharmacists, and who runs the server.",
        page("text/html"),
    )
}

pub(super) fn console_file(_: &mut Schemas) -> Operation {
    Operation {
        codes: vec![Code::NotFound, Code::AnswerFailed],
        ..of_console(
            "console_file",
            ["A file of the console", "画面のファイル"],
            "What the console is made of; its names are not part of the interface.",
            page("*/*"),
        )
    }
}

pub(super) fn console_folder(schemas: &mut Schemas) -> Operation {
    Operation {
        id: "console_file_of_folder",
        summary: ["A file in a folder of the console", "画面のフォルダーにあるファイル"],
        ..console_file(schemas)
    }
}

/// A file of the console, or nothing where the browser has it already.
fn of_console(
    id: &'static str,
    summary: [&'static str; 2],
    description: &'static str,
    answer: Answer,
) -> Operation {
    let unchanged = Answer {
        status: 304,
        description: "`if-none-match` names the `etag` of the file: it has not changed.",
        content: Vec::new(),
        headers: Vec::new(),
    };
    let operation = get(id, Tag::Service, summary, description, answer);
    Operation { answers: operation.answers.into_iter().chain([unchanged]).collect(), ..operation }
}

/// What is read by a browser.
fn page(media: &'static str) -> Answer {
    Answer {
        status: 200,
        description: "The file.",
        content: vec![(media, json!({"schema": {"type": "string"}}))],
        headers: Vec::new(),
    }
}

pub(super) fn lint(schemas: &mut Schemas) -> Operation {
    let answer = schemas.answer::<LintAnswer<'_>>();
    Operation {
        codes: vec![Code::AnswerFailed],
        waits: true,
        ..get(
            "lint",
            Tag::Upkeep,
            ["Look for faults of the tables", "表の問題点を調べる"],
            "What a pharmacist should look at in the tables in force, the worst first.",
            Answer::json(200, "The faults.", answer),
        )
    }
}

pub(super) fn reload(schemas: &mut Schemas) -> Operation {
    upkeep(
        "reload",
        ["Put the newest generation in force", "最新の世代に切り替える"],
        "Opens the newest published generation and swaps it in without losing a request.",
        schemas.answer::<InForceAnswer>(),
    )
}

pub(super) fn compact(schemas: &mut Schemas) -> Operation {
    upkeep(
        "compact",
        ["Make a generation of what was registered", "登録分を新しい世代にまとめる"],
        "Turns what was registered into the next generation and puts it in force.",
        schemas.answer::<InForceAnswer>(),
    )
}

pub(super) fn backup(schemas: &mut Schemas) -> Operation {
    upkeep(
        "backup",
        ["Back the data up", "データをバックアップする"],
        "Copies generation, events and key into the directory of backups, while the server goes on.",
        schemas.answer::<BackupAnswer>(),
    )
}

fn upkeep(
    id: &'static str,
    summary: [&'static str; 2],
    description: &'static str,
    answer: Value,
) -> Operation {
    Operation {
        codes: vec![
            Code::NotReady,
            Code::RegistrationUnavailable,
            Code::DamagedIndex,
            Code::UpkeepFailed,
            Code::AnswerFailed,
        ],
        ..get(id, Tag::Upkeep, summary, description, Answer::json(200, "It is done.", answer))
    }
}

/// A call without parameters and body.
fn get(
    id: &'static str,
    tag: Tag,
    summary: [&'static str; 2],
    description: &'static str,
    answer: Answer,
) -> Operation {
    Operation {
        id,
        tag,
        summary,
        description,
        parameters: Vec::new(),
        body: None,
        answers: vec![answer],
        codes: Vec::new(),
        waits: false,
    }
}
