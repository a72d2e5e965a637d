//! Folders and archives of inserts: the bulk download is an archive of archives, with names in CP932
//! and the same document several times.

use std::{
    collections::HashSet,
    fs::{self, File},
    hash::{BuildHasher, RandomState},
    io::{Cursor, Read, Seek},
    path::{Path, PathBuf},
};

use zip::ZipArchive;

use crate::{masters::MasterError, text::decode};

/// Archives inside archives that are opened; the bulk download has two.
const DEPTH_MAX: usize = 4;
/// Folders inside folders that are opened.
const FOLDERS_MAX: usize = 32;
/// No insert is near this size.
const DOCUMENT_BYTES_MAX: u64 = 1 << 26;
/// No archive inside an archive is near this size.
const ARCHIVE_BYTES_MAX: u64 = 1 << 30;

/// What a walk over folders and archives met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Walked {
    /// Documents that were handed over.
    pub documents: usize,
    /// Documents with the same bytes as one before.
    pub duplicates: usize,
    /// Files of another kind: lists, pictures.
    pub others: usize,
}

/// Hands over every document (`.xml`, `.sgml`, `.sgm`) in files, folders and archives, with its name;
/// of documents with the same bytes only the first. Folders are read in the order of their names.
///
/// # Errors
///
/// A file or archive cannot be read, or unpacks to more than any insert has.
pub fn walk(
    paths: &[PathBuf],
    mut document: impl FnMut(&str, &[u8]),
) -> Result<Walked, MasterError> {
    let hashers = (RandomState::new(), RandomState::new());
    let mut walk =
        Walk { document: &mut document, walked: Walked::default(), seen: HashSet::new(), hashers };
    for path in paths {
        walk.path(path, 0)?;
    }
    Ok(walk.walked)
}

struct Walk<'d> {
    document: &'d mut dyn FnMut(&str, &[u8]),
    walked: Walked,
    /// Length and two hashes with keys of their own: no two documents share all three.
    seen: HashSet<(usize, u64, u64)>,
    hashers: (RandomState, RandomState),
}

/// What a name says of a file.
enum Kind {
    Document,
    Archive,
    Other,
}

impl Kind {
    fn of(name: &str) -> Self {
        let ending = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        match ending.as_str() {
            "xml" | "sgml" | "sgm" => Self::Document,
            "zip" => Self::Archive,
            _ => Self::Other,
        }
    }
}

impl Walk<'_> {
    fn path(&mut self, path: &Path, depth: usize) -> Result<(), MasterError> {
        let failed = |source| MasterError::Read { path: path.to_owned(), source };
        if fs::metadata(path).map_err(failed)?.is_dir() {
            let mut entries = Vec::new();
            for entry in fs::read_dir(path).map_err(failed)? {
                let entry = entry.map_err(failed)?;
                // A link inside a folder could lead back to it.
                if !entry.file_type().map_err(failed)?.is_symlink() {
                    entries.push(entry.path());
                }
            }
            entries.sort();
            for entry in entries.iter().filter(|_| depth < FOLDERS_MAX) {
                self.path(entry, depth + 1)?;
            }
            return Ok(());
        }
        let name = path.display().to_string();
        match Kind::of(&name) {
            Kind::Archive => self.archive(path, &name, File::open(path).map_err(failed)?, 1),
            Kind::Document => {
                self.document(&name, &fs::read(path).map_err(failed)?);
                Ok(())
            }
            Kind::Other => {
                self.walked.others += 1;
                Ok(())
            }
        }
    }

    fn archive(
        &mut self,
        path: &Path,
        name: &str,
        content: impl Read + Seek,
        depth: usize,
    ) -> Result<(), MasterError> {
        let damaged = |source| MasterError::Archive { path: PathBuf::from(name), source };
        let mut archive = ZipArchive::new(content).map_err(damaged)?;
        for position in 0..archive.len() {
            let member = archive.by_index(position).map_err(damaged)?;
            // Old archivers write the code page of the machine and say nothing of it.
            let inner = format!("{name}[{}]", decode(member.name_raw()).text);
            let kind = Kind::of(inner.trim_end_matches(']'));
            let limit = match kind {
                Kind::Document => DOCUMENT_BYTES_MAX,
                Kind::Archive => ARCHIVE_BYTES_MAX,
                Kind::Other => {
                    self.walked.others += usize::from(!member.is_dir());
                    continue;
                }
            };
            let mut bytes = Vec::new();
            // The stated size may lie, so the limit is applied to what comes out.
            let read = member.take(limit + 1).read_to_end(&mut bytes);
            read.map_err(|source| MasterError::Read { path: path.to_owned(), source })?;
            let too_large = u64::try_from(bytes.len()).is_ok_and(|length| length > limit);
            if too_large || (depth >= DEPTH_MAX && matches!(kind, Kind::Archive)) {
                return Err(MasterError::TooLarge { path: PathBuf::from(inner), limit });
            }
            if matches!(kind, Kind::Archive) {
                self.archive(path, &inner, Cursor::new(bytes.as_slice()), depth + 1)?;
            } else {
                self.document(&inner, &bytes);
            }
        }
        Ok(())
    }

    fn document(&mut self, name: &str, bytes: &[u8]) {
        let (one, other) = &self.hashers;
        if self.seen.insert((bytes.len(), one.hash_one(bytes), other.hash_one(bytes))) {
            self.walked.documents += 1;
            (self.document)(name, bytes);
        } else {
            self.walked.duplicates += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use tempfile::TempDir;
    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in members {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn walked(paths: &[PathBuf]) -> (Vec<(String, Vec<u8>)>, Walked) {
        let mut found = Vec::new();
        let end = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
        let walked = walk(paths, |name, bytes| found.push((end(name), bytes.to_vec()))).unwrap();
        (found, walked)
    }

    #[test]
    fn archives_in_archives_and_folders_give_each_document_once() {
        let folder = TempDir::new().unwrap();
        let inner = archive(&[("添付文書.xml", b"<a/>"), ("x.gif", b"GIF")]);
        let outer = archive(&[("1.zip", &inner), ("b.XML", b"<b/>"), ("list.csv", b"")]);
        fs::write(folder.path().join("all.zip"), outer).unwrap();
        fs::create_dir(folder.path().join("sub")).unwrap();
        fs::write(folder.path().join("sub").join("again.xml"), b"<a/>").unwrap();
        fs::write(folder.path().join("sub").join("c.sgml"), b"<C>").unwrap();
        let (found, counts) = walked(&[folder.path().to_owned()]);
        let expected = [
            ("all.zip[1.zip][添付文書.xml]", "<a/>"),
            ("all.zip[b.XML]", "<b/>"),
            ("c.sgml", "<C>"),
        ]
        .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
        assert_eq!(found, expected);
        assert_eq!(counts, Walked { documents: 3, duplicates: 1, others: 2 });
    }

    #[test]
    fn a_name_in_cp932_is_a_name() {
        // 添付.xml, as an archiver in Japan writes it.
        let mut bytes = archive(&[("name.xml", b"<a/>")]);
        while let Some(at) = bytes.windows(4).position(|four| four == b"name") {
            bytes.splice(at..at + 4, *b"\x93\x59\x95\x74");
        }
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("all.zip");
        fs::write(&path, bytes).unwrap();
        let (found, _) = walked(&[path]);
        assert_eq!(found, [("all.zip[添付.xml]".to_owned(), b"<a/>".to_vec())]);
    }

    #[test]
    fn archives_are_opened_only_so_deep() {
        let mut bytes = archive(&[("a.xml", b"<a/>")]);
        for _ in 0..6 {
            bytes = archive(&[("a.zip", &bytes)]);
        }
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("all.zip");
        fs::write(&path, bytes).unwrap();
        let read = walk(&[path], |_, _| {});
        assert!(matches!(read, Err(MasterError::TooLarge { .. })));
    }

    #[test]
    fn a_damaged_archive_and_a_missing_file_are_errors() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("a.zip");
        fs::write(&path, b"PK\x03\x04").unwrap();
        assert!(matches!(walk(&[path], |_, _| {}), Err(MasterError::Archive { .. })));
        let missing = folder.path().join("none.xml");
        assert!(matches!(walk(&[missing], |_, _| {}), Err(MasterError::Read { .. })));
    }
}
