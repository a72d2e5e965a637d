//! The only unsafe code in the workspace: mapping an immutable published file, and asking for the
//! cache lines of bytes that are read soon.

use std::{fs::File, io, ops::Range, path::Path};

use memmap2::{Mmap, MmapMut};

/// Maps a published file.
///
/// Published files are immutable: the loader writes them under a temporary name and renames the
/// generation (`docs/format.md`, "Publication"); nothing opens a published file for writing.
#[expect(unsafe_code, reason = "memmap2 cannot know that the file is immutable")]
pub(crate) fn map(path: &Path) -> io::Result<Mmap> {
    let file = File::open(path)?;
    // SAFETY: a published file is never modified or truncated, so the mapped bytes do not change
    // while the map lives.
    unsafe { Mmap::map(&file) }
}

/// Asks the system to read the file in huge pages, which a processor finds faster. It does so with what
/// is not in memory yet, and reads two megabytes for each byte that is missing: for maps that are
/// brought into memory whole.
pub(crate) fn prefer_huge_pages(map: &Mmap) {
    #[cfg(target_os = "linux")]
    let _hint = map.advise(memmap2::Advice::HugePage).is_ok();
    #[cfg(not(target_os = "linux"))]
    let _ = map;
}

/// Asks the system to bring a range of a map into memory before it is read. A system that cannot do
/// so reads it page by page later.
pub(crate) fn populate(map: &Mmap, range: Range<usize>) {
    #[cfg(target_os = "linux")]
    if map.advise_range(memmap2::Advice::PopulateRead, range.start, range.len()).is_ok() {
        return;
    }
    #[cfg(unix)]
    let _hint = map.advise_range(memmap2::Advice::WillNeed, range.start, range.len()).is_ok();
    #[cfg(not(unix))]
    let _ = (map, range);
}

/// Memory of zeros, in huge pages where the system has them.
pub(crate) fn memory(bytes: usize) -> io::Result<MmapMut> {
    let memory = MmapMut::map_anon(bytes)?;
    #[cfg(target_os = "linux")]
    let _hint = memory.advise(memmap2::Advice::HugePage).is_ok();
    Ok(memory)
}

/// The bytes of a cache line of the processors that are asked.
const CACHE_LINE_BYTES: usize = 64;

/// Asks the processor for the cache lines of values that are read soon. Other processors fetch them
/// when they are read.
pub(crate) fn prefetch<T>(values: &[T]) {
    let place = values.as_ptr().cast::<u8>();
    for offset in (0..size_of_val(values)).step_by(CACHE_LINE_BYTES) {
        prefetch_line(place.wrapping_add(offset));
    }
}

/// Asks the processor for a value that is read soon, which is not longer than a cache line.
pub(crate) fn prefetch_value<T>(value: &T) {
    const { assert!(size_of::<T>() <= CACHE_LINE_BYTES) };
    prefetch_line(std::ptr::from_ref(value).cast());
}

#[cfg_attr(target_arch = "x86_64", expect(unsafe_code, reason = "the intrinsic takes a pointer"))]
fn prefetch_line(place: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: SSE belongs to every x86-64, and a prefetch is a hint that neither reads nor faults.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(place.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}
