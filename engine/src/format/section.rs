//! One section file: a header block, payload blocks, and the checksum of each payload block.
//!
//! ```text
//! block 0          header: magic 8 ‖ version u32 ‖ section u32 ‖ payload bytes u64 ‖
//!                  CRC32C of the checksum table u32 ‖ CRC32C of the 28 bytes before u32 ‖ zeros
//! blocks 1 … n     payload, the last block filled up with zeros
//! behind block n   checksum table: n × CRC32C u32
//! ```
//!
//! Little-endian; a block is 4,096 bytes. [`Section::open`] checks everything but the payload;
//! payload bytes can be reached only through their block's checksum, which is compared the first
//! time the block is read. So opening a national generation does not read it, and a damaged block
//! can never give an answer.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use memmap2::Mmap;
use rayon::prelude::*;
use zerocopy::little_endian::{U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::error::{FormatError, OpenError};
use crate::int;

/// The version of every section file.
pub const VERSION: u32 = 4;
/// The unit of checksums, and of the first touch of a page.
pub const BLOCK_BYTES: usize = 4096;

/// Blocks that are brought into memory by one call to the system: 8 MiB.
const BLOCKS_A_STRETCH: usize = 2048;

/// As in PNG: a high bit against seven-bit transports, line ends against text modes.
const MAGIC: [u8; 8] = *b"\x89CHF\r\n\x1a\n";

#[derive(FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct Header {
    magic: [u8; 8],
    version: U32,
    section: U32,
    payload_bytes: U64,
    table_checksum: U32,
    own_checksum: U32,
}

const HEADER_BYTES: usize = size_of::<Header>();
const CHECKED_HEADER_BYTES: usize = HEADER_BYTES - size_of::<U32>();
const _: () = assert!(HEADER_BYTES == 32 && CHECKED_HEADER_BYTES == 28);

macro_rules! section_ids {
    ($($(#[$doc:meta])* $id:ident = $number:literal, $name:literal;)*) => {
        /// Which section a file holds. The numbers are part of the format.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u32)]
        pub enum SectionId { $($(#[$doc])* $id = $number,)* }

        impl SectionId {
            /// The file's name in the generation directory.
            pub const fn file_name(self) -> &'static str {
                match self { $(Self::$id => $name,)* }
            }

            /// The number in the file's header.
            pub const fn number(self) -> u32 {
                match self { $(Self::$id => $number,)* }
            }
        }
    };
}

section_ids! {
    /// Ingredients, substances, products, rules, institutions.
    KnowledgeTables = 1, "knowledge-tables";
    /// Receipt codes (fst).
    CodesReceipt = 2, "knowledge-codes-receipt.fst";
    /// Price-list codes (fst).
    CodesPrice = 3, "knowledge-codes-price.fst";
    /// YJ codes (fst).
    CodesYj = 4, "knowledge-codes-yj.fst";
    /// HOT codes (fst).
    CodesHot = 6, "knowledge-codes-hot.fst";
    /// Generic-name codes (fst).
    CodesGeneric = 7, "knowledge-codes-generic.fst";
    /// GTINs (fst).
    CodesGtin = 8, "knowledge-codes-gtin.fst";
    /// Prefixes of 9 and 7 characters for the fallback of S13 (fst).
    Prefixes = 9, "knowledge-prefixes.fst";
    /// Searchable names (fst).
    Names = 10, "knowledge-names.fst";
    /// Dictionaries of codes, institutions, quantities, usages.
    HistoryDictionary = 20, "history-dictionary";
    /// Where the rows of each bucket of patients start.
    HistoryBuckets = 21, "history-buckets";
    /// Patients and their rows: the hot section.
    HistoryRows = 22, "history-rows";
    /// Where the evidence of each bucket starts.
    HistoryEvidenceBuckets = 23, "history-evidence-buckets";
    /// What only evidence needs: the cold section.
    HistoryEvidence = 24, "history-evidence";
    /// For each code, the patients that hold it (roaring).
    HistoryHolders = 25, "history-holders";
    /// For each document, where its patient is.
    HistoryDocuments = 26, "history-documents";
}

impl SectionId {
    /// The sections that make up knowledge.
    pub const KNOWLEDGE: [Self; 9] = [
        Self::KnowledgeTables,
        Self::CodesReceipt,
        Self::CodesPrice,
        Self::CodesYj,
        Self::CodesHot,
        Self::CodesGeneric,
        Self::CodesGtin,
        Self::Prefixes,
        Self::Names,
    ];

    /// The sections that make up a history.
    pub const HISTORY: [Self; 7] = [
        Self::HistoryDictionary,
        Self::HistoryBuckets,
        Self::HistoryRows,
        Self::HistoryEvidenceBuckets,
        Self::HistoryEvidence,
        Self::HistoryHolders,
        Self::HistoryDocuments,
    ];

    /// The sections of a generation.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::KNOWLEDGE.into_iter().chain(Self::HISTORY)
    }

    fn name(self) -> &'static str {
        self.file_name()
    }
}

/// A section file opened for reading. Its payload is reached block by checked block.
#[derive(Debug)]
pub struct Section {
    id: SectionId,
    map: Mmap,
    payload_bytes: usize,
    blocks: usize,
    fingerprint: u32,
    /// One bit a block, set once its checksum has been compared. The map is immutable, so a block
    /// that was right stays right, and relaxed ordering suffices: the worst race repeats a check.
    checked: Vec<AtomicU64>,
}

impl Section {
    /// Maps a file and checks its header, length and checksum table.
    ///
    /// # Errors
    ///
    /// When the file cannot be mapped, or its magic, version, section, length, reserved bytes or
    /// checksums are not what the format says.
    pub fn open(path: &Path, id: SectionId) -> Result<Self, OpenError> {
        let map = crate::map::map(path).map_err(|source| OpenError::io(path, source))?;
        Self::from_map(map, id).map_err(|source| OpenError::format(path, source))
    }

    fn from_map(map: Mmap, id: SectionId) -> Result<Self, FormatError> {
        let section = id.name();
        let truncated = |what| FormatError::Truncated { section, what };
        let (block, _) = map.split_at_checked(BLOCK_BYTES).ok_or(truncated("header"))?;
        let (header, zeros) = Header::ref_from_prefix(block).map_err(|_| truncated("header"))?;
        if header.magic != MAGIC {
            return Err(FormatError::Magic { section });
        }
        let found = header.version.get();
        if found != VERSION {
            return Err(FormatError::Version { section, expected: VERSION, found });
        }
        let (checked, _) =
            block.split_at_checked(CHECKED_HEADER_BYTES).ok_or(truncated("header"))?;
        let expected = header.own_checksum.get();
        compare(section, "header", expected, crc32c::crc32c(checked))?;
        if zeros.iter().any(|byte| *byte != 0) {
            return Err(FormatError::Reserved { section });
        }
        let found = header.section.get();
        if found != id.number() {
            return Err(FormatError::WrongSection { section, expected: id.number(), found });
        }
        let payload_bytes = int::wide(header.payload_bytes.get());
        let blocks = payload_bytes.div_ceil(BLOCK_BYTES);
        let length = blocks
            .checked_mul(BLOCK_BYTES + size_of::<U32>())
            .and_then(|behind| behind.checked_add(BLOCK_BYTES))
            .ok_or(truncated("payload"))?;
        if length != map.len() {
            let (expected, found) = (int::length(length), int::length(map.len()));
            return Err(FormatError::Length { section, expected, found });
        }
        let fingerprint = header.own_checksum.get();
        let table_checksum = header.table_checksum.get();
        let words = blocks.div_ceil(64);
        let checked = std::iter::repeat_with(AtomicU64::default).take(words).collect();
        let section = Self { id, map, payload_bytes, blocks, fingerprint, checked };
        let table = section.table_bytes()?;
        compare(id.name(), "checksum table", table_checksum, crc32c::crc32c(table))?;
        Ok(section)
    }

    /// The checksum of the header, which covers the checksum of every block: a fingerprint of the
    /// file that the manifest repeats.
    pub fn fingerprint(&self) -> u32 {
        self.fingerprint
    }

    /// Length of the payload in bytes.
    pub fn payload_bytes(&self) -> usize {
        self.payload_bytes
    }

    /// The bytes of the whole file.
    pub fn file_bytes(&self) -> &[u8] {
        &self.map
    }

    /// Payload bytes, once the checksum of every block that they touch has been compared.
    ///
    /// # Errors
    ///
    /// When the range is not inside the payload, or a block is damaged.
    pub fn slice(&self, range: Range<usize>) -> Result<&[u8], FormatError> {
        let truncated = || FormatError::Truncated { section: self.id.name(), what: "range" };
        if range.end > self.payload_bytes || range.start > range.end {
            return Err(truncated());
        }
        if !range.is_empty() {
            for block in range.start / BLOCK_BYTES..=(range.end - 1) / BLOCK_BYTES {
                self.check(block)?;
            }
        }
        self.map.get(BLOCK_BYTES + range.start..BLOCK_BYTES + range.end).ok_or_else(truncated)
    }

    /// Asks for payload bytes that are read soon; a range beyond the payload is not an error yet.
    pub(crate) fn prefetch(&self, range: Range<usize>) {
        if let Some(bytes) = self.map.get(BLOCK_BYTES + range.start..BLOCK_BYTES + range.end) {
            crate::map::prefetch(bytes);
        }
    }

    /// Reads every block, on all cores.
    ///
    /// # Errors
    ///
    /// The first damaged block.
    pub fn verify(&self) -> Result<(), FormatError> {
        (0..self.blocks).into_par_iter().with_min_len(256).try_for_each(|block| {
            let (expected, found) = self.checksums(block)?;
            if expected == found {
                return Ok(());
            }
            Err(FormatError::Block { section: self.id.name(), block, expected, found })
        })
    }

    /// Brings every block into memory and compares it with its checksum, on all cores, so that no
    /// later read waits for either.
    ///
    /// # Errors
    ///
    /// The first damaged block.
    pub fn populate(&self) -> Result<(), FormatError> {
        crate::map::prefer_huge_pages(&self.map);
        (0..self.blocks.div_ceil(BLOCKS_A_STRETCH)).into_par_iter().try_for_each(|stretch| {
            let start = stretch * BLOCKS_A_STRETCH;
            let end = (start + BLOCKS_A_STRETCH).min(self.blocks);
            let bytes = BLOCK_BYTES * (start + 1)..BLOCK_BYTES * (end + 1);
            crate::map::populate(&self.map, bytes);
            (start..end).try_for_each(|block| self.check(block))
        })
    }

    /// The section with every block checked, for structures that are read as a whole.
    ///
    /// # Errors
    ///
    /// The first damaged block.
    pub fn into_checked(self) -> Result<Checked, FormatError> {
        self.verify()?;
        Ok(Checked(self))
    }

    fn check(&self, block: usize) -> Result<(), FormatError> {
        let word = self.checked.get(block / 64);
        let bit = 1_u64 << (block % 64);
        if word.is_some_and(|word| word.load(Ordering::Relaxed) & bit != 0) {
            return Ok(());
        }
        let (expected, found) = self.checksums(block)?;
        if expected != found {
            return Err(FormatError::Block { section: self.id.name(), block, expected, found });
        }
        if let Some(word) = word {
            word.fetch_or(bit, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Stored and computed checksum of a payload block.
    fn checksums(&self, block: usize) -> Result<(u32, u32), FormatError> {
        let truncated = || FormatError::Truncated { section: self.id.name(), what: "block" };
        let start = BLOCK_BYTES * (block + 1);
        let bytes = self.map.get(start..start + BLOCK_BYTES).ok_or_else(truncated)?;
        let table = self.table_bytes()?;
        let stored = table.get(block * 4..).and_then(|rest| rest.first_chunk::<4>());
        let expected = u32::from_le_bytes(*stored.ok_or_else(truncated)?);
        Ok((expected, crc32c::crc32c(bytes)))
    }

    fn table_bytes(&self) -> Result<&[u8], FormatError> {
        let truncated = FormatError::Truncated { section: self.id.name(), what: "checksum table" };
        self.map.get(BLOCK_BYTES * (self.blocks + 1)..).ok_or(truncated)
    }
}

fn compare(
    section: &'static str,
    what: &'static str,
    expected: u32,
    found: u32,
) -> Result<(), FormatError> {
    if expected == found {
        return Ok(());
    }
    Err(FormatError::Checksum { section, what, expected, found })
}

/// A section whose every block has been compared with its checksum.
#[derive(Debug)]
pub struct Checked(Section);

impl Checked {
    /// The section itself.
    pub fn section(&self) -> &Section {
        &self.0
    }
}

impl AsRef<[u8]> for Checked {
    fn as_ref(&self) -> &[u8] {
        let payload = BLOCK_BYTES..BLOCK_BYTES + self.0.payload_bytes;
        // `from_map` compared this length with the map's.
        self.0.map.get(payload).unwrap_or_default()
    }
}

/// Streams a section into a file. Memory is bounded by the checksum table: 4 bytes a block.
#[derive(Debug)]
pub struct SectionWriter {
    id: SectionId,
    file: BufWriter<File>,
    block: Vec<u8>,
    table: Vec<u8>,
    payload_bytes: u64,
}

impl SectionWriter {
    /// Creates the file; it is not a section before [`SectionWriter::finish`].
    ///
    /// # Errors
    ///
    /// When the file exists already or cannot be created or written.
    pub fn create(directory: &Path, id: SectionId) -> io::Result<Self> {
        let file = File::create_new(directory.join(id.file_name()))?;
        let mut file = BufWriter::with_capacity(1 << 18, file);
        file.write_all(&[0; BLOCK_BYTES])?;
        let block = Vec::with_capacity(BLOCK_BYTES);
        Ok(Self { id, file, block, table: Vec::new(), payload_bytes: 0 })
    }

    /// Writes a whole section.
    ///
    /// # Errors
    ///
    /// When the file cannot be created, written or synced.
    pub fn write_whole(directory: &Path, id: SectionId, payload: &[u8]) -> io::Result<()> {
        let mut writer = Self::create(directory, id)?;
        writer.write_all(payload)?;
        writer.finish()
    }

    /// Length of the payload written so far.
    pub fn payload_bytes(&self) -> u64 {
        self.payload_bytes
    }

    /// Fills up the last block, writes table and header, and syncs the file.
    ///
    /// # Errors
    ///
    /// When the file cannot be written or synced.
    pub fn finish(mut self) -> io::Result<()> {
        if !self.block.is_empty() {
            self.block.resize(BLOCK_BYTES, 0);
            self.flush_block()?;
        }
        self.file.write_all(&self.table)?;
        let mut header = Header {
            magic: MAGIC,
            version: U32::new(VERSION),
            section: U32::new(self.id.number()),
            payload_bytes: U64::new(self.payload_bytes),
            table_checksum: U32::new(crc32c::crc32c(&self.table)),
            own_checksum: U32::new(0),
        };
        let checked = header.as_bytes().get(..CHECKED_HEADER_BYTES).unwrap_or_default();
        header.own_checksum = U32::new(crc32c::crc32c(checked));
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(header.as_bytes())?;
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()
    }

    /// Writes as many whole blocks as there are, without a copy of them.
    fn write_blocks(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (blocks, _) = bytes.as_chunks::<BLOCK_BYTES>();
        for block in blocks {
            self.table.extend_from_slice(&crc32c::crc32c(block).to_le_bytes());
        }
        let whole = blocks.as_flattened();
        self.file.write_all(whole)?;
        self.payload_bytes += int::length(whole.len());
        Ok(whole.len())
    }

    fn flush_block(&mut self) -> io::Result<()> {
        self.table.extend_from_slice(&crc32c::crc32c(&self.block).to_le_bytes());
        self.file.write_all(&self.block)?;
        self.block.clear();
        Ok(())
    }
}

impl Write for SectionWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.block.is_empty() && bytes.len() >= BLOCK_BYTES {
            return self.write_blocks(bytes);
        }
        let room = BLOCK_BYTES - self.block.len();
        let taken = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        self.block.extend_from_slice(taken);
        self.payload_bytes += int::length(taken.len());
        if self.block.len() == BLOCK_BYTES {
            self.flush_block()?;
        }
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests;
