//! The files of the console, inside the binary: a server needs nothing beside itself to show it.
//!
//! They are written by hand and sent as they are; there is no build step. What is not ours among them is
//! named in `server/console/NOTICE`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A file of the console.
#[derive(Debug)]
pub(crate) struct File {
    /// Its name below `console/`.
    name: &'static str,
    /// What it holds.
    pub(crate) bytes: &'static [u8],
}

macro_rules! files {
    ($($name:literal)*) => {
        &[$(File { name: $name, bytes: include_bytes!(concat!("../console/", $name)) }),*]
    };
}

/// Every file that is served. A test holds the list against the folder.
const FILES: &[File] = files! {
    "api.js"
    "asker.js"
    "consent.js"
    "day.js"
    "draft.js"
    "drug_box.js"
    "en.js"
    "evidence.js"
    "examples.js"
    "failure.js"
    "field.js"
    "findings.js"
    "html.js"
    "i18n.js"
    "icon.svg"
    "index.html"
    "ja.js"
    "lines.js"
    "main.js"
    "message.js"
    "metrics.js"
    "operate.js"
    "operator.js"
    "patient.js"
    "periods.js"
    "register.js"
    "session.js"
    "shell.js"
    "shortcuts.js"
    "state.js"
    "style/base.css"
    "style/check.css"
    "style/findings.css"
    "style/forms.css"
    "style/operator.css"
    "style/print.css"
    "style/timeline.css"
    "tables.js"
    "timeline.js"
    "upkeep.js"
    "vendor/htm.js"
    "vendor/preact.js"
    "verdict.js"
};

/// The `etag` of each file, by its name.
static ETAGS: LazyLock<BTreeMap<&str, String>> = LazyLock::new(|| {
    let hash = |file: &File| blake3::hash(file.bytes).to_hex();
    FILES.iter().map(|file| (file.name, format!("\"{}\"", hash(file)))).collect()
});

/// A file by its name below `console/`.
pub(crate) fn file(name: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.name == name)
}

impl File {
    /// Its content in short, quoted as the header wants it.
    pub(crate) fn etag(&self) -> &'static str {
        ETAGS.get(self.name).map_or("", String::as_str)
    }

    /// What it is.
    pub(crate) fn content_type(&self) -> &'static str {
        match self.name.rsplit_once('.').map_or("", |(_, extension)| extension) {
            "html" => "text/html; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "svg" => "image/svg+xml",
            _ => "application/octet-stream",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// What the page loads at its first visit, vendored files and all.
    const BYTES_MAX: usize = 256 * 1024;
    const LINES_MAX: usize = 500;
    const NOTICE: &str = include_str!("../console/NOTICE");

    fn ours() -> impl Iterator<Item = (&'static str, &'static str)> {
        let texts = FILES.iter().map(|file| (file.name, std::str::from_utf8(file.bytes).unwrap()));
        texts.filter(|(name, _)| !name.starts_with("vendor/"))
    }

    #[test]
    fn every_file_of_the_folder_is_served() {
        fn below(folder: &Path, prefix: &str, names: &mut BTreeSet<String>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
                if entry.path().is_dir() {
                    below(&entry.path(), &format!("{name}/"), names);
                } else if name != "NOTICE" {
                    names.insert(name);
                }
            }
        }
        let mut there = BTreeSet::new();
        below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("console"), "", &mut there);
        assert_eq!(FILES.iter().map(|file| file.name.to_owned()).collect::<BTreeSet<_>>(), there);
    }

    #[test]
    fn files_are_small_and_say_what_they_are() {
        assert!(FILES.iter().map(|file| file.bytes.len()).sum::<usize>() < BYTES_MAX);
        for (name, text) in ours() {
            let begins = ["//", "/*", "<!--", "<!doctype html>\n<!--"];
            assert!(begins.iter().any(|begin| text.starts_with(begin)), "{name}");
            assert!(text.lines().count() <= LINES_MAX, "{name}");
        }
    }

    #[test]
    fn files_load_only_each_other() {
        for (name, text) in ours() {
            let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
            for (before, after) in [("from \"./", "\""), ("href=\"/console/", "\"")] {
                for piece in text.split(before).skip(1) {
                    let (named, _) = piece.split_once(after).unwrap();
                    let named = if folder.is_empty() {
                        named.to_owned()
                    } else {
                        format!("{folder}/{named}")
                    };
                    assert!(file(&named).is_some(), "{name} loads {named}");
                }
            }
            // The name of a namespace is no address.
            let text = text.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
            for foreign in ["http:", "https:", "@import", "innerHTML", " style=", "eval("] {
                assert!(!text.contains(foreign), "{name}: {foreign}");
            }
            assert!(!text.contains("localStorage") && !text.contains("sessionStorage"), "{name}");
        }
    }

    /// Vendored files are what the NOTICE says, byte for byte.
    #[test]
    fn vendored_files_are_the_published_ones() {
        let vendored = FILES.iter().filter(|file| file.name.starts_with("vendor/"));
        for File { name, bytes } in vendored {
            let line = format!("{name} {} {}", bytes.len(), blake3::hash(bytes));
            assert!(NOTICE.lines().any(|known| known.trim() == line), "NOTICE lacks: {line}");
        }
    }
}
