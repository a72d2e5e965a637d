//! HTML as text: elements, tables, and the escaping of everything that is no markup.

use serde_json::Value;

/// A page being written.
#[derive(Default)]
pub(super) struct Page(String);

impl Page {
    /// Markup as it is.
    pub(super) fn raw(&mut self, markup: &str) {
        self.0.push_str(markup);
    }

    pub(super) fn open(&mut self, element: &str, attributes: &str) {
        let space = if attributes.is_empty() { "" } else { " " };
        self.0 += &format!("<{element}{space}{attributes}>\n");
    }

    pub(super) fn close(&mut self, element: &str) {
        self.0 += &format!("</{element}>\n");
    }

    /// An element around markup.
    pub(super) fn element(&mut self, element: &str, attributes: &str, markup: &str) {
        let space = if attributes.is_empty() { "" } else { " " };
        self.0 += &format!("<{element}{space}{attributes}>{markup}</{element}>\n");
    }

    pub(super) fn table(&mut self, caption: &str, columns: &[&str]) {
        self.0 += &format!("<div class=\"table\"><table><caption>{caption}</caption><tr>");
        for column in columns {
            self.0 += &format!("<th scope=\"col\">{column}</th>");
        }
        self.0 += "</tr>\n";
    }

    /// A row of markup.
    pub(super) fn row(&mut self, cells: &[&str]) {
        self.0 += "<tr>";
        for cell in cells {
            self.0 += &format!("<td>{cell}</td>");
        }
        self.0 += "</tr>\n";
    }

    pub(super) fn end_table(&mut self) {
        self.0 += "</table></div>\n";
    }

    /// An example under its name.
    pub(super) fn example(&mut self, name: &str, value: &Value) {
        let written = match value {
            Value::String(text) => text.clone(),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => serde_json::to_string_pretty(value).unwrap_or_default(),
        };
        let written = escaped(&written);
        self.0 += &format!(
            "<details><summary>{name}</summary><pre tabindex=\"0\"><code>{written}</code></pre></details>\n"
        );
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }
}

/// Text without markup in it.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            other => safe.push(other),
        }
    }
    safe
}

/// Text of which what stands between backticks is code.
pub(super) fn inline(text: &str) -> String {
    let mut markup = String::new();
    for (position, part) in text.split('`').enumerate() {
        if position % 2 == 0 {
            markup += &escaped(part);
        } else {
            markup += &format!("<code>{}</code>", escaped(part));
        }
    }
    markup
}

/// Paragraphs.
pub(super) fn prose(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(str::trim).filter(|text| !text.is_empty());
    paragraphs.map(|text| format!("<p>{}</p>\n", inline(text))).collect()
}

/// A text of the document; empty where there is none.
pub(super) fn str_of<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The members of an object; none of anything else.
pub(super) fn each(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let members = value.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.as_str(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_markup() {
        assert_eq!(inline("a < b & `<c>`"), "a &lt; b &amp; <code>&lt;c&gt;</code>");
        assert_eq!(prose("one\n\n\n\ntwo"), "<p>one</p>\n<p>two</p>\n");
    }
}
