//! Types on the page: one table of fields each, and a value in a few words.

use serde_json::Value;

use super::labels::Labels;
use super::name;
use super::text::{Page, each, escaped, inline, prose, str_of};

/// Every type of the document.
pub(super) fn all(page: &mut Page, document: &Value, labels: &Labels) {
    page.open("section", "id=\"types\"");
    page.element("h2", "", labels.types);
    let schemas = document.pointer("/components/schemas").unwrap_or(&Value::Null);
    for (name, schema) in each(schemas) {
        page.open("article", &format!("id=\"type-{}\"", escaped(name)));
        page.element("h3", "", &escaped(name));
        page.raw(&prose(str_of(schema, "/description")));
        if schema.get("properties").is_some() {
            fields(page, labels.fields, schema, labels);
        } else {
            variants(page, schema, labels);
        }
        page.close("article");
    }
    page.close("section");
}

/// What a value may be one of.
fn variants(page: &mut Page, schema: &Value, labels: &Labels) {
    for variant in list(schema, "anyOf").iter().chain(list(schema, "oneOf")) {
        let description = inline(str_of(variant, "/description"));
        if variant.get("properties").is_some() {
            fields(page, &description, variant, labels);
        } else {
            page.element("p", "", &format!("{} {description}", value(variant, labels)));
        }
    }
}

fn fields(page: &mut Page, caption: &str, schema: &Value, labels: &Labels) {
    page.table(caption, &[labels.name, labels.value, labels.meaning]);
    let required = list(schema, "required");
    for (field, of) in each(schema.get("properties").unwrap_or(&Value::Null)) {
        let is_required = required.iter().any(|name| name.as_str() == Some(field));
        page.row(&[
            &name(field, is_required, labels),
            &value(of, labels),
            &inline(str_of(of, "/description")),
        ]);
    }
    page.end_table();
}

/// A value in a few words.
pub(super) fn value(schema: &Value, labels: &Labels) -> String {
    let reference = str_of(schema, "/$ref");
    if let Some(name) = reference.strip_prefix("#/components/schemas/") {
        return format!("<a href=\"#type-{0}\">{0}</a>", escaped(name));
    }
    for word in ["anyOf", "oneOf", "allOf"] {
        let parts = list(schema, word);
        if !parts.is_empty() {
            let parts: Vec<String> = parts.iter().map(|part| value(part, labels)).collect();
            return parts.join(&format!(" {} ", labels.or));
        }
    }
    if let Some(items) = schema.get("items") {
        let of = value(items, labels);
        return format!("{} {of}{}", labels.list_of, limits(schema, labels));
    }
    let words = list(schema, "enum");
    if !words.is_empty() {
        return words.iter().map(code).collect::<Vec<_>>().join(" ");
    }
    if let Some(constant) = schema.get("const") {
        return code(constant);
    }
    format!("{}{}", type_names(schema, labels), limits(schema, labels))
}

fn type_names(schema: &Value, labels: &Labels) -> String {
    match schema.get("type") {
        Some(Value::Array(types)) => {
            let types: Vec<&str> = types.iter().filter_map(Value::as_str).collect();
            escaped(&types.join(&format!(" {} ", labels.or)))
        }
        Some(Value::String(name)) => escaped(name),
        _ => String::new(),
    }
}

/// Limits and an example.
fn limits(schema: &Value, labels: &Labels) -> String {
    let mut text = String::new();
    let format = str_of(schema, "/format");
    if format == "date" {
        text += ", <code>YYYY-MM-DD</code>";
    }
    for (least, most, of) in [
        ("minLength", "maxLength", labels.characters),
        ("minItems", "maxItems", labels.items),
        ("minimum", "maximum", ""),
    ] {
        let number = |name: &str| schema.get(name).and_then(Value::as_u64);
        // An unsigned number of the machine has bounds that say nothing.
        let is_machine = format.starts_with("uint") && number(least) == Some(0);
        match (number(least), number(most)) {
            _ if is_machine && of.is_empty() => {}
            (Some(least), Some(most)) => text += &format!(", {least}–{most} {of}"),
            (None, Some(most)) => text += &format!(", ≤ {most} {of}"),
            (Some(least), None) => text += &format!(", ≥ {least} {of}"),
            (None, None) => {}
        }
    }
    if let Some(pattern) = schema.get("pattern").and_then(Value::as_str) {
        text += &format!(", <code>{}</code>", escaped(pattern));
    }
    if let Some(example) = list(schema, "examples").first() {
        text += &format!(", {} {}", labels.such_as, code(example));
    }
    text.trim_end().to_owned()
}

fn code(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    format!("<code>{}</code>", escaped(&text))
}

fn list<'v>(schema: &'v Value, name: &str) -> &'v [Value] {
    schema.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}
