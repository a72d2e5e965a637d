//! The document as a page for people: static, without scripts, readable on paper and by a screen reader.
//!
//! It is rendered here and not by one of the usual bundles (Swagger UI, Redoc, Scalar): those are one to
//! three megabytes of script, need it to show anything, and print badly. The document is small, and its
//! parts are few and known.

#![expect(
    clippy::format_collect,
    clippy::format_push_string,
    reason = "the page is made once, and reads best as what it is made of"
)]

mod labels;
mod text;
mod types;

use std::sync::LazyLock;

use serde_json::Value;

use labels::Labels;
pub(crate) use labels::Language;
use text::{Page, each, escaped, prose, str_of};

const STYLE: &str = include_str!("page/style.css");

static ENGLISH: LazyLock<String> = LazyLock::new(|| render(Language::English));
static JAPANESE: LazyLock<String> = LazyLock::new(|| render(Language::Japanese));

/// The page.
pub(crate) fn html(language: Language) -> &'static str {
    match language {
        Language::English => &ENGLISH,
        Language::Japanese => &JAPANESE,
    }
}

fn render(language: Language) -> String {
    let (document, labels) = (super::openapi(), language.labels());
    let mut page = Page::default();
    head(&mut page, document, language);
    contents(&mut page, document, labels);
    page.open("main", "id=\"content\"");
    page.open("section", "id=\"introduction\"");
    page.raw(&prose(str_of(document, "/info/description")));
    page.close("section");
    for (tag, name) in tags(document, labels) {
        page.open("section", &format!("id=\"{}\"", escaped(tag)));
        page.element("h2", "", &escaped(name));
        for (path, method, operation) in operations(document, tag) {
            call(&mut page, path, method, operation, labels);
        }
        page.close("section");
    }
    types::all(&mut page, document, labels);
    page.close("main");
    page.raw("</body></html>\n");
    page.into_text()
}

fn head(page: &mut Page, document: &Value, language: Language) {
    let (labels, code) = (language.labels(), language.code());
    let (title, version) = (str_of(document, "/info/title"), str_of(document, "/info/version"));
    page.raw(&format!(
        "<!doctype html>\n<html lang=\"{code}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title} {version}: {}</title><style>{STYLE}</style></head>\n<body>\
         <a class=\"skip\" href=\"#content\">{}</a>\n",
        labels.page, labels.skip
    ));
    let other = language.other();
    page.open("header", "");
    page.element("h1", "", &format!("{title} <small>{version}</small>"));
    page.element("p", "", labels.summary);
    page.element(
        "p",
        "class=\"links\"",
        &format!(
            "<a href=\"/openapi.json\">openapi.json</a> \
             <a href=\"?lang={0}\" lang=\"{0}\" hreflang=\"{0}\">{1}</a>",
            other.code(),
            other.name()
        ),
    );
    page.close("header");
}

/// Every call by its path.
fn contents(page: &mut Page, document: &Value, labels: &Labels) {
    page.open("nav", &format!("aria-label=\"{}\"", labels.calls));
    for (tag, name) in tags(document, labels) {
        page.element("h2", "", &format!("<a href=\"#{}\">{}</a>", escaped(tag), escaped(name)));
        page.open("ul", "");
        for (path, method, operation) in operations(document, tag) {
            let id = escaped(str_of(operation, "/operationId"));
            let summary = escaped(str_of(operation, labels.summary_of));
            let link =
                format!("<a href=\"#{id}\">{} {}</a> {summary}", shout(method), escaped(path));
            page.element("li", "", &link);
        }
        page.close("ul");
    }
    page.element("h2", "", &format!("<a href=\"#types\">{}</a>", labels.types));
    page.close("nav");
}

fn call(page: &mut Page, path: &str, method: &str, operation: &Value, labels: &Labels) {
    let id = escaped(str_of(operation, "/operationId"));
    page.open("article", &format!("id=\"{id}\""));
    let heading = format!("<span class=\"method\">{}</span> {}", shout(method), escaped(path));
    page.element("h3", "", &heading);
    page.element("p", "class=\"summary\"", &escaped(str_of(operation, labels.summary_of)));
    page.raw(&prose(str_of(operation, "/description")));
    let parameters = operation.get("parameters").and_then(Value::as_array);
    if let Some(parameters) = parameters {
        page.table(labels.parameters, &[labels.name, labels.place, labels.value, labels.meaning]);
        for parameter in parameters {
            let required = parameter.get("required") == Some(&Value::Bool(true));
            page.row(&[
                &name(str_of(parameter, "/name"), required, labels),
                labels.place(str_of(parameter, "/in")),
                &types::value(parameter.get("schema").unwrap_or(&Value::Null), labels),
                &text::inline(str_of(parameter, "/description")),
            ]);
        }
        page.end_table();
    }
    if let Some(content) = operation.pointer("/requestBody/content") {
        page.table(labels.body, &[labels.media, labels.value]);
        for (media, body) in each(content) {
            page.row(&[&format!("<code>{}</code>", escaped(media)), &of_content(body, labels)]);
        }
        page.end_table();
        for (_, body) in each(content) {
            if let Some(example) = body.get("example") {
                page.example(labels.example, example);
            }
        }
    }
    answers(page, operation, labels);
    page.close("article");
}

fn answers(page: &mut Page, operation: &Value, labels: &Labels) {
    let responses = operation.get("responses").unwrap_or(&Value::Null);
    page.table(labels.answers, &[labels.status, labels.meaning, labels.value]);
    for (status, response) in each(responses) {
        let mut content = String::new();
        for (media, body) in each(response.get("content").unwrap_or(&Value::Null)) {
            let value = of_content(body, labels);
            content += &format!("<div><code>{}</code> {value}</div>", escaped(media));
        }
        for (header, _) in each(response.get("headers").unwrap_or(&Value::Null)) {
            content += &format!("<div>{} <code>{}</code></div>", labels.header, escaped(header));
        }
        let description = text::inline(str_of(response, "/description"));
        page.row(&[&escaped(status), &description, &content]);
    }
    page.end_table();
    let examples = responses.pointer("/200/content/application~1json/examples");
    for (_, example) in each(examples.unwrap_or(&Value::Null)) {
        let value = example.get("value").unwrap_or(&Value::Null);
        page.example(&escaped(str_of(example, "/summary")), value);
    }
}

/// The value of a body: what a line of it holds, where it is made of lines.
fn of_content(content: &Value, labels: &Labels) -> String {
    let schema = content.get("schema").unwrap_or(&Value::Null);
    let description = text::inline(str_of(schema, "/description"));
    match schema.get("x-line") {
        Some(line) => format!("{}: {}. {description}", labels.line, types::value(line, labels)),
        None if description.is_empty() => types::value(schema, labels),
        None => description,
    }
}

fn name(name: &str, required: bool, labels: &Labels) -> String {
    let name = format!("<code>{}</code>", escaped(name));
    if required { format!("{name} <em>{}</em>", labels.required) } else { name }
}

fn shout(method: &str) -> String {
    escaped(&method.to_uppercase())
}

/// The groups of calls and their names.
fn tags<'d>(document: &'d Value, labels: &Labels) -> Vec<(&'d str, &'d str)> {
    let tags = document.get("tags").and_then(Value::as_array).into_iter().flatten();
    tags.map(|tag| (str_of(tag, "/name"), str_of(tag, labels.tag_of))).collect()
}

/// The calls of a group: path, method, description.
fn operations<'d>(document: &'d Value, tag: &str) -> Vec<(&'d str, &'d str, &'d Value)> {
    let paths = document.get("paths").unwrap_or(&Value::Null);
    each(paths)
        .flat_map(|(path, item)| each(item).map(move |(method, call)| (path, method, call)))
        .filter(|(_, _, call)| str_of(call, "/tags/0") == tag)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_and_type_is_on_the_page() {
        for language in [Language::English, Language::Japanese] {
            let page = html(language);
            for (path, item) in each(&super::super::openapi()["paths"]) {
                for (method, call) in each(item) {
                    let id = str_of(call, "/operationId");
                    assert!(page.contains(&format!("<article id=\"{id}\">")), "{method} {path}");
                }
            }
            for (name, _) in each(&super::super::openapi()["components"]["schemas"]) {
                assert!(page.contains(&format!("id=\"type-{name}\"")), "{name}");
            }
        }
    }

    #[test]
    fn every_link_within_the_page_leads_somewhere() {
        let page = html(Language::English);
        let targets: Vec<&str> =
            page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(targets.len() > 50);
        for target in targets {
            assert!(page.contains(&format!("id=\"{target}\"")), "#{target}");
        }
    }

    #[test]
    fn every_element_is_closed() {
        let page = html(Language::Japanese);
        for name in ["section", "article", "table", "tr", "td", "th", "ul", "li", "code", "pre"] {
            let opened = page.matches(&format!("<{name}>")).count()
                + page.matches(&format!("<{name} ")).count();
            assert_eq!(opened, page.matches(&format!("</{name}>")).count(), "{name}");
        }
        assert!(!page.contains("<script"));
    }
}
