//! The directory of a zip file, read strictly, and the way to an entry's bytes.
//!
//! Only what NumPy and torch write is known: entries that are stored or deflated, one volume, zip64 where it is
//! needed. The directory at the end is believed where the file bears it out: entries lie inside the file, in
//! front of the directory, and share no byte, so the work that a file can cause is bounded by its length. No
//! name is ever a path.

mod directory;

use std::io::{self, BufReader, Read};

use flate2::bufread::DeflateDecoder;

use super::Source;
use directory::{MAX_DIRECTORY, MAX_ENTRIES};

/// The first bytes of a zip file, and those of an empty one.
pub(in crate::read) const MAGIC: &[u8] = b"PK\x03\x04";
pub(in crate::read) const EMPTY_MAGIC: &[u8] = b"PK\x05\x06";

/// Deflate spends at least one bit on 258 bytes and its share of a block: 1032 bytes out of one at best.
const MAX_RATIO: u64 = 1032;

/// The length of the fixed part of an entry's own header.
const LOCAL: usize = 30;

/// Why a zip file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ZipError {
    /// There is no directory at the end.
    #[error("the zip file is truncated: its directory is missing")]
    NoDirectory,
    /// Parts that contradict each other.
    #[error("the zip file is damaged: {what}")]
    Damaged {
        /// What is wrong.
        what: &'static str,
    },
    /// More entries, or longer names, than are read.
    #[error(
        "the zip file claims {entries} entries in {bytes} bytes of directory; \
         at most {MAX_ENTRIES} in {MAX_DIRECTORY} are read"
    )]
    TooMany {
        /// Entries as claimed.
        entries: u64,
        /// Length of the directory as claimed.
        bytes: u64,
    },
    /// Two entries claim the same bytes, as in a zip bomb.
    #[error("entry {name:?} of the zip file overlaps another")]
    Overlap {
        /// The entry.
        name: String,
    },
    /// Two entries have one name.
    #[error("the zip file has two entries named {name:?}")]
    Duplicate {
        /// Their name.
        name: String,
    },
    /// An entry that only a password opens.
    #[error("entry {name:?} of the zip file is encrypted")]
    Encrypted {
        /// The entry.
        name: String,
    },
    /// An entry in a form that neither NumPy nor torch writes.
    #[error(
        "entry {name:?} of the zip file is compressed by method {method}; stored and deflated are read"
    )]
    Method {
        /// The entry.
        name: String,
        /// The number of the method.
        method: u16,
    },
    /// An entry that is not what the directory says.
    #[error("entry {name:?} of the zip file is damaged: {what}")]
    Entry {
        /// The entry.
        name: String,
        /// What is wrong.
        what: &'static str,
    },
    /// An entry longer than what it is for.
    #[error("entry {name:?} of the zip file has {size} bytes; at most {limit} are read")]
    Long {
        /// The entry.
        name: String,
        /// Its length.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// Reading failed.
    #[error("the zip file cannot be read")]
    Io(#[from] io::Error),
}

/// What a zip file holds.
#[derive(Debug)]
pub(in crate::read) struct Archive {
    pub(in crate::read) entries: Vec<Entry>,
}

/// An entry of the directory.
#[derive(Clone, Debug)]
pub(in crate::read) struct Entry {
    raw_name: Vec<u8>,
    flags: u16,
    method: u16,
    pub(in crate::read) crc: u32,
    compressed: u64,
    /// Bytes when unpacked, as claimed.
    pub(in crate::read) size: u64,
    header: u64,
    /// Where the next entry or the directory begins.
    end: u64,
}

/// How an entry's bytes are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::read) enum Packing {
    Stored,
    Deflated,
}

/// Whether an entry's checksum counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::read) enum Checksum {
    Checked,
    /// torch can be told to write none, and does not look at it either.
    Ignored,
}

impl Entry {
    /// Its name; bytes that are not UTF-8 as `\xNN`.
    pub(in crate::read) fn name(&self) -> String {
        super::escape(&self.raw_name)
    }

    pub(in crate::read) fn raw_name(&self) -> &[u8] {
        &self.raw_name
    }

    pub(in crate::read) fn packing(&self) -> Result<Packing, ZipError> {
        match self.method {
            // Bit 0: encrypted; 13: the directory is.
            _ if self.flags & 0x2001 != 0 => Err(ZipError::Encrypted { name: self.name() }),
            0 if self.size == self.compressed => Ok(Packing::Stored),
            0 => Err(self.damaged("its two sizes differ, though it is stored")),
            8 if self.size / MAX_RATIO > self.compressed => {
                Err(self.damaged("it claims to hold more than its bytes can be inflated to"))
            }
            8 => Ok(Packing::Deflated),
            method => Err(ZipError::Method {
                name: self.name(),
                method,
            }),
        }
    }

    /// Where its bytes begin.
    pub(in crate::read) fn data(&self, source: &Source) -> Result<u64, ZipError> {
        let header = read_array::<LOCAL>(source, self.header)?;
        if !header.starts_with(MAGIC) || u16_at(&header, 8) != self.method {
            return Err(self.damaged("its own header is not what the directory says"));
        }
        let name_len = u16_at(&header, 26);
        let data =
            self.header + LOCAL as u64 + u64::from(name_len) + u64::from(u16_at(&header, 28));
        if data + self.compressed > self.end {
            return Err(ZipError::Overlap { name: self.name() });
        }
        let name = read_vec(source, self.header + LOCAL as u64, u64::from(name_len))?;
        if name != self.raw_name {
            return Err(self.damaged("its own header has another name"));
        }
        Ok(data)
    }

    /// Its bytes, unpacked, from the start; at most one more than it claims.
    pub(in crate::read) fn open<'a>(
        &self,
        source: &'a Source,
    ) -> Result<Box<dyn Read + 'a>, ZipError> {
        let packing = self.packing()?;
        let section = source.section(self.data(source)?, self.compressed);
        Ok(match packing {
            Packing::Stored => Box::new(section),
            Packing::Deflated => {
                Box::new(DeflateDecoder::new(BufReader::new(section)).take(self.size + 1))
            }
        })
    }

    /// All its bytes, of which there may be `limit`.
    pub(in crate::read) fn read_whole(
        &self,
        source: &Source,
        limit: u64,
        checksum: Checksum,
    ) -> Result<Vec<u8>, ZipError> {
        let too_long = || ZipError::Long {
            name: self.name(),
            size: self.size,
            limit,
        };
        if self.size > limit {
            return Err(too_long());
        }
        let size = usize::try_from(self.size).map_err(|_| too_long())?;
        // What it claims is believed, and room made for it, once the file can hold it.
        let mut data = self.open(source)?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(size + 1).map_err(|_| too_long())?;
        data.read_to_end(&mut bytes)
            .map_err(|error| match error.kind() {
                kind if self.is_inflate_error(kind) => self.cannot_be_inflated(),
                _ => ZipError::Io(error),
            })?;
        if bytes.len() != size {
            return Err(self.damaged("it is not as long as the directory says"));
        }
        if checksum == Checksum::Checked {
            self.check(crc32fast::hash(&bytes))?;
        }
        Ok(bytes)
    }

    /// Compares the checksum of all its bytes.
    pub(in crate::read) fn check(&self, crc: u32) -> Result<(), ZipError> {
        if crc != self.crc {
            return Err(self.damaged("its checksum (CRC-32) does not match"));
        }
        Ok(())
    }

    /// Whether reading failed because the bytes are no deflated ones.
    pub(in crate::read) fn is_inflate_error(&self, kind: io::ErrorKind) -> bool {
        use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
        self.method != 0 && matches!(kind, InvalidData | InvalidInput | UnexpectedEof)
    }

    pub(in crate::read) fn cannot_be_inflated(&self) -> ZipError {
        self.damaged("it cannot be inflated")
    }

    fn damaged(&self, what: &'static str) -> ZipError {
        ZipError::Entry {
            name: self.name(),
            what,
        }
    }
}

/// Bytes that were seen to be in the file.
fn read_vec(source: &Source, offset: u64, len: u64) -> Result<Vec<u8>, ZipError> {
    if offset.checked_add(len).is_none_or(|end| end > source.len()) {
        return Err(ZipError::Damaged {
            what: "its directory points outside the file",
        });
    }
    let len = usize::try_from(len).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
    let mut bytes = vec![0; len];
    source.read_exact_at(offset, &mut bytes)?;
    Ok(bytes)
}

fn read_array<const N: usize>(source: &Source, offset: u64) -> Result<[u8; N], ZipError> {
    if offset
        .checked_add(N as u64)
        .is_none_or(|end| end > source.len())
    {
        return Err(ZipError::Damaged {
            what: "its directory points outside the file",
        });
    }
    let mut bytes = [0; N];
    source.read_exact_at(offset, &mut bytes)?;
    Ok(bytes)
}

/// Little-endian numbers inside parts whose length was checked.
fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
