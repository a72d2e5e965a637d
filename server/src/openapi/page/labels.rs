//! The words of the page itself, in its languages.

/// A language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Japanese,
}

impl Language {
    /// Its code.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Japanese => "ja",
        }
    }

    /// Its own name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Japanese => "日本語",
        }
    }

    /// The other one.
    pub(super) const fn other(self) -> Self {
        match self {
            Self::English => Self::Japanese,
            Self::Japanese => Self::English,
        }
    }

    pub(super) const fn labels(self) -> &'static Labels {
        match self {
            Self::English => &ENGLISH,
            Self::Japanese => &JAPANESE,
        }
    }
}

/// What the page says of its own. Descriptions of fields are those of the document, in English, with the
/// Japanese terms in them.
pub(super) struct Labels {
    pub(super) page: &'static str,
    pub(super) summary: &'static str,
    pub(super) skip: &'static str,
    pub(super) calls: &'static str,
    pub(super) types: &'static str,
    pub(super) parameters: &'static str,
    pub(super) body: &'static str,
    pub(super) answers: &'static str,
    pub(super) fields: &'static str,
    pub(super) example: &'static str,
    pub(super) name: &'static str,
    pub(super) value: &'static str,
    pub(super) meaning: &'static str,
    pub(super) media: &'static str,
    pub(super) status: &'static str,
    pub(super) place: &'static str,
    pub(super) header: &'static str,
    pub(super) line: &'static str,
    pub(super) required: &'static str,
    pub(super) list_of: &'static str,
    pub(super) or: &'static str,
    pub(super) characters: &'static str,
    pub(super) items: &'static str,
    pub(super) such_as: &'static str,
    path: &'static str,
    query: &'static str,
    /// Where a call has its summary in this language.
    pub(super) summary_of: &'static str,
    /// Where a group of calls has its name.
    pub(super) tag_of: &'static str,
}

impl Labels {
    /// Where a parameter stands.
    pub(super) fn place(&self, place: &str) -> &'static str {
        match place {
            "path" => self.path,
            "query" => self.query,
            _ => self.header,
        }
    }
}

const ENGLISH: Labels = Labels {
    page: "the interface",
    summary: "Japan's duplicate-medication check (重複投薬等チェック) over HTTP.",
    skip: "Skip to the content",
    calls: "Calls",
    types: "Types",
    parameters: "Parameters",
    body: "Body",
    answers: "Answers",
    fields: "Fields",
    example: "Example",
    name: "Name",
    value: "Value",
    meaning: "Meaning",
    media: "Type",
    status: "Status",
    place: "In",
    header: "header",
    line: "in each line",
    required: "required",
    list_of: "list of",
    or: "or",
    characters: "characters",
    items: "elements",
    such_as: "such as",
    path: "path",
    query: "query",
    summary_of: "/summary",
    tag_of: "/name",
};

const JAPANESE: Labels = Labels {
    page: "インターフェース",
    summary: "重複投薬等チェックを HTTP で行います。項目の説明は英語で、用語には日本語を添えています。",
    skip: "本文へ",
    calls: "呼び出しの一覧",
    types: "型",
    parameters: "パラメーター",
    body: "本文",
    answers: "応答",
    fields: "項目",
    example: "例",
    name: "名前",
    value: "値",
    meaning: "意味",
    media: "メディアタイプ",
    status: "ステータス",
    place: "場所",
    header: "ヘッダー",
    line: "一行ごとに",
    required: "必須",
    list_of: "リスト：",
    or: "または",
    characters: "文字",
    items: "件",
    such_as: "例：",
    path: "パス",
    query: "クエリー",
    summary_of: "/x-summary-ja",
    tag_of: "/x-name-ja",
};
