//! The directory at the end of a zip file.

use std::collections::HashSet;

use super::{
    Archive, EMPTY_MAGIC, Entry, LOCAL, ZipError, read_array, read_vec, u16_at, u32_at, u64_at,
};
use crate::read::Source;

/// More entries than any container of pictures has; as many as a zip file has without zip64.
pub(super) const MAX_ENTRIES: u64 = 65_535;

/// The longest directory that is read: all entries with names of 200 bytes.
pub(super) const MAX_DIRECTORY: u64 = 16 << 20;

/// Lengths of the fixed parts: end record, its zip64 forms, directory entry.
const END: usize = 22;
const LOCATOR: usize = 20;
const END64: usize = 56;
const CENTRAL: usize = 46;

impl Archive {
    /// Reads the directory.
    pub(in crate::read) fn read(source: &Source) -> Result<Self, ZipError> {
        let directory = find_directory(source)?;
        if directory.entries > MAX_ENTRIES || directory.len > MAX_DIRECTORY {
            return Err(ZipError::TooMany {
                entries: directory.entries,
                bytes: directory.len,
            });
        }
        let bytes = read_vec(source, directory.start, directory.len)?;
        let mut rest = &bytes[..];
        let mut entries = Vec::new();
        for _ in 0..directory.entries {
            let (entry, after) = parse_entry(rest, directory.start)?;
            entries.push(entry);
            rest = after;
        }
        refuse_duplicates(&entries)?;
        set_ends(&mut entries, directory.start)?;
        Ok(Self { entries })
    }
}

/// Where the directory is.
struct Directory {
    start: u64,
    len: u64,
    entries: u64,
}

/// Looks for the end record, which a comment of up to 65 535 bytes may follow.
fn find_directory(source: &Source) -> Result<Directory, ZipError> {
    let tail_len = source
        .len()
        .min((END + usize::from(u16::MAX) + LOCATOR) as u64);
    let tail_start = source.len() - tail_len;
    let tail = read_vec(source, tail_start, tail_len)?;
    let is_end = |at: &usize| {
        tail[*at..].starts_with(EMPTY_MAGIC)
            && at + END + usize::from(u16_at(&tail, at + 20)) == tail.len()
    };
    let last = tail.len().checked_sub(END).ok_or(ZipError::NoDirectory)?;
    let at = (0..=last).rev().find(is_end).ok_or(ZipError::NoDirectory)?;
    let end = &tail[at..];
    let mut directory = Directory {
        start: u64::from(u32_at(end, 16)),
        len: u64::from(u32_at(end, 12)),
        entries: u64::from(u16_at(end, 10)),
    };
    let mut behind = tail_start + at as u64;
    let mut is_whole = end[4..8] == [0; 4] && u16_at(end, 8) == u16_at(end, 10);
    let locator = at.checked_sub(LOCATOR).map(|at| &tail[at..]);
    if let Some(locator) = locator.filter(|l| l.starts_with(b"PK\x06\x07")) {
        behind = u64_at(locator, 8);
        let end64 = read_array::<END64>(source, behind)?;
        if !end64.starts_with(b"PK\x06\x06") {
            return Err(ZipError::Damaged {
                what: "its zip64 record is missing",
            });
        }
        directory = Directory {
            start: u64_at(&end64, 48),
            len: u64_at(&end64, 40),
            entries: u64_at(&end64, 32),
        };
        is_whole = end64[16..24] == [0; 8] && u64_at(&end64, 24) == directory.entries;
    }
    if !is_whole {
        return Err(ZipError::Damaged {
            what: "it is one volume of several",
        });
    }
    match directory.start.checked_add(directory.len) {
        Some(end) if end <= behind => Ok(directory),
        _ => Err(ZipError::Damaged {
            what: "its directory is not where its end record says",
        }),
    }
}

/// Reads one entry, and gives back the bytes behind it.
fn parse_entry(bytes: &[u8], directory: u64) -> Result<(Entry, &[u8]), ZipError> {
    const CUT: ZipError = ZipError::Damaged {
        what: "its directory has fewer entries than it claims",
    };
    if bytes.len() < CENTRAL || !bytes.starts_with(b"PK\x01\x02") {
        return Err(CUT);
    }
    let [name_len, extra_len, comment_len] = [28, 30, 32].map(|at| usize::from(u16_at(bytes, at)));
    let (name, rest) = bytes[CENTRAL..].split_at_checked(name_len).ok_or(CUT)?;
    let (extra, rest) = rest.split_at_checked(extra_len).ok_or(CUT)?;
    let (_, rest) = rest.split_at_checked(comment_len).ok_or(CUT)?;
    let mut sizes = [24, 20, 42].map(|at| u64::from(u32_at(bytes, at)));
    read_zip64(extra, &mut sizes)?;
    let [size, compressed, header] = sizes;
    let least = (LOCAL as u64 + name_len as u64).checked_add(compressed);
    let end = least.and_then(|least| least.checked_add(header));
    if end.is_none_or(|end| end > directory) {
        return Err(ZipError::Damaged {
            what: "an entry lies outside the file",
        });
    }
    let entry = Entry {
        raw_name: name.to_vec(),
        flags: u16_at(bytes, 8),
        method: u16_at(bytes, 10),
        crc: u32_at(bytes, 16),
        compressed,
        size,
        header,
        end: directory,
    };
    Ok((entry, rest))
}

/// Fills in, from the zip64 field, those of the sizes that are too large for 32 bits, in their fixed order.
fn read_zip64(mut extra: &[u8], sizes: &mut [u64; 3]) -> Result<(), ZipError> {
    const CUT: ZipError = ZipError::Damaged {
        what: "a zip64 field is cut short",
    };
    while extra.len() >= 4 {
        let (id, len) = (u16_at(extra, 0), usize::from(u16_at(extra, 2)));
        let (mut field, rest) = extra[4..].split_at_checked(len).ok_or(CUT)?;
        if id == 1 {
            for size in sizes
                .iter_mut()
                .filter(|size| **size == u64::from(u32::MAX))
            {
                let (wide, after) = field.split_at_checked(8).ok_or(CUT)?;
                *size = u64_at(wide, 0);
                field = after;
            }
            return Ok(());
        }
        extra = rest;
    }
    Ok(())
}

fn refuse_duplicates(entries: &[Entry]) -> Result<(), ZipError> {
    let mut seen = HashSet::new();
    match entries.iter().find(|entry| !seen.insert(&entry.raw_name)) {
        Some(entry) => Err(ZipError::Duplicate { name: entry.name() }),
        None => Ok(()),
    }
}

/// Finds where each entry must have ended. What its own header adds to its length is seen in [`Entry::data`].
fn set_ends(entries: &mut [Entry], directory: u64) -> Result<(), ZipError> {
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(entries[i].header));
    let mut end = directory;
    for i in order {
        let entry = &mut entries[i];
        entry.end = end;
        let least = LOCAL as u64 + entry.raw_name.len() as u64 + entry.compressed;
        if entry.header + least > end {
            return Err(ZipError::Overlap { name: entry.name() });
        }
        end = entry.header;
    }
    Ok(())
}
