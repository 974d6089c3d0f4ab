//! The framing of a `.wandb` file: LevelDB's log format with W&B's header. Bytes in, bytes out; what is in a record
//! is not decided here.
//!
//! After a header of 7 bytes the file is cut into blocks of 32 KiB, the header being part of the first. A record is
//! one chunk, or several where it does not fit what is left of its block; less than a chunk's own header is left
//! over at the end of a block as zeros.

use std::io::{self, Write};

/// Bytes in a block.
const BLOCK: usize = 32_768;
/// Checksum, length and kind, in front of each chunk's data.
const CHUNK_HEADER: usize = 7;
/// `:W&B`, a magic number, and the version of the format, 0.
pub(super) const FILE_HEADER: [u8; 7] = *b":W&B\xe1\xbe\x00";

/// Which part of a record a chunk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Full = 1,
    First = 2,
    Middle = 3,
    Last = 4,
}

impl Part {
    fn of(starts: bool, ends: bool) -> Self {
        match (starts, ends) {
            (true, true) => Self::Full,
            (true, false) => Self::First,
            (false, false) => Self::Middle,
            (false, true) => Self::Last,
        }
    }
}

/// Writes records one after the other.
#[derive(Debug)]
pub(super) struct Log<W> {
    out: W,
    /// Bytes of the current block that are written.
    used: usize,
}

impl<W: Write> Log<W> {
    /// Begins a file.
    pub(super) fn begin(mut out: W) -> io::Result<Self> {
        out.write_all(&FILE_HEADER)?;
        Ok(Self {
            out,
            used: FILE_HEADER.len(),
        })
    }

    /// Writes a record.
    pub(super) fn append(&mut self, record: &[u8]) -> io::Result<()> {
        if BLOCK - self.used < CHUNK_HEADER {
            self.out
                .write_all(&[0; CHUNK_HEADER][..BLOCK - self.used])?;
            self.used = 0;
        }
        let mut rest = record;
        let mut starts = true;
        loop {
            let room = BLOCK - self.used - CHUNK_HEADER;
            let (data, after) = rest.split_at(rest.len().min(room));
            self.chunk(Part::of(starts, after.is_empty()), data)?;
            if after.is_empty() {
                return Ok(());
            }
            // The chunk has filled its block.
            self.used = 0;
            (rest, starts) = (after, false);
        }
    }

    fn chunk(&mut self, part: Part, data: &[u8]) -> io::Result<()> {
        let part = part as u8;
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(&[part]);
        checksum.update(data);
        // Shorter than a block, which is 2^15.
        let len = u16::try_from(data.len()).map_err(io::Error::other)?;
        self.out.write_all(&checksum.finalize().to_le_bytes())?;
        self.out.write_all(&len.to_le_bytes())?;
        self.out.write_all(&[part])?;
        self.out.write_all(data)?;
        self.used += CHUNK_HEADER + data.len();
        Ok(())
    }

    /// What was written to.
    pub(super) fn into_inner(self) -> W {
        self.out
    }
}

/// The first record of a file, if it is one chunk, as headers are.
pub(super) fn first_record(file: &[u8]) -> Option<&[u8]> {
    let rest = file.strip_prefix(&FILE_HEADER)?;
    let (header, rest) = rest.split_at_checked(CHUNK_HEADER)?;
    let len = u16::from_le_bytes([header[4], header[5]]);
    (header[6] == Part::Full as u8).then_some(rest.get(..usize::from(len))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kinds and lengths of the chunks, and the records in them; checksums and padding are asserted.
    fn read(file: &[u8]) -> (Vec<(u8, usize)>, Vec<Vec<u8>>) {
        let mut at = FILE_HEADER.len();
        let (mut chunks, mut records, mut open) = (Vec::new(), Vec::new(), Vec::new());
        while at < file.len() {
            let left = BLOCK - at % BLOCK;
            if left < CHUNK_HEADER {
                assert!(file[at..at + left].iter().all(|&b| b == 0));
                at += left;
                continue;
            }
            let len = usize::from(u16::from_le_bytes([file[at + 4], file[at + 5]]));
            let data = &file[at + 6..at + 7 + len];
            let checksum = u32::from_le_bytes(file[at..at + 4].try_into().unwrap());
            assert_eq!(crc32fast::hash(data), checksum);
            assert!(
                CHUNK_HEADER + len <= left,
                "a chunk over the end of its block"
            );
            chunks.push((data[0], len));
            open.extend_from_slice(&data[1..]);
            if data[0] == 1 || data[0] == 4 {
                records.push(std::mem::take(&mut open));
            }
            at += CHUNK_HEADER + len;
        }
        assert!(open.is_empty());
        (chunks, records)
    }

    fn written(lengths: &[usize]) -> (Vec<u8>, Vec<Vec<u8>>) {
        let records: Vec<Vec<u8>> = lengths
            .iter()
            .map(|&len| (0..=250).cycle().take(len).collect())
            .collect();
        let mut log = Log::begin(Vec::new()).unwrap();
        for record in &records {
            log.append(record).unwrap();
        }
        (log.into_inner(), records)
    }

    #[test]
    fn chunks_end_with_their_block() {
        // What fits behind the file header and a chunk header.
        let first = BLOCK - 14;
        let whole = BLOCK - 7;
        for (lengths, chunks) in [
            (vec![first], vec![(1, first)]),
            (vec![first + 1], vec![(2, first), (4, 1)]),
            (vec![first, whole], vec![(1, first), (1, whole)]),
            (
                vec![first + 2 * whole],
                vec![(2, first), (3, whole), (4, whole)],
            ),
            (
                vec![first + whole + 1],
                vec![(2, first), (3, whole), (4, 1)],
            ),
            // Six bytes and one byte are left: zeros.
            (vec![first - 6, 5], vec![(1, first - 6), (1, 5)]),
            (vec![first - 1, 5], vec![(1, first - 1), (1, 5)]),
            // Seven are left: room for a chunk without data.
            (vec![first - 7, 5], vec![(1, first - 7), (2, 0), (4, 5)]),
            (vec![first - 7, 0, 1], vec![(1, first - 7), (1, 0), (1, 1)]),
            (vec![first - 8, 1, 1], vec![(1, first - 8), (1, 1), (1, 1)]),
        ] {
            let (file, records) = written(&lengths);
            assert_eq!(read(&file), (chunks, records), "{lengths:?}");
        }
    }

    #[test]
    fn the_first_record_is_found_again() {
        let (file, records) = written(&[20, 40_000]);
        assert_eq!(first_record(&file), Some(records[0].as_slice()));
        assert_eq!(first_record(&file[..30]), None);
        assert_eq!(first_record(b"something else"), None);
        assert_eq!(first_record(&written(&[40_000]).0), None);
    }
}
