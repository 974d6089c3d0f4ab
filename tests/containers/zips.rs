//! Zip files, entry by entry, with every field in the test's hands.

/// An entry: what is in its own header, its bytes, and what is in the directory.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) name: Vec<u8>,
    /// The name in its own header, if another.
    pub(crate) local_name: Option<Vec<u8>>,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) bytes: Vec<u8>,
    /// Size and checksum as the directory claims them.
    pub(crate) size: u64,
    pub(crate) crc: u32,
    /// Where the directory says it begins, if not where it does.
    pub(crate) at: Option<u32>,
    /// Bytes of extra fields in the directory.
    pub(crate) extra: Vec<u8>,
    /// Sizes in the directory, if 32 bits are to hold something else.
    pub(crate) sizes: Option<(u32, u32)>,
}

/// A stored entry.
pub(crate) fn stored(name: &str, data: &[u8]) -> Entry {
    Entry {
        name: name.into(),
        local_name: None,
        flags: 0,
        method: 0,
        bytes: data.to_vec(),
        size: data.len() as u64,
        crc: crc32fast::hash(data),
        at: None,
        extra: Vec::new(),
        sizes: None,
    }
}

/// A deflated entry.
pub(crate) fn deflated(name: &str, data: &[u8]) -> Entry {
    use std::io::Write;
    let mut encoder =
        flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(data).unwrap();
    Entry {
        method: 8,
        bytes: encoder.finish().unwrap(),
        ..stored(name, data)
    }
}

fn u32_of(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap().to_le_bytes()
}

fn u16_of(number: usize) -> [u8; 2] {
    u16::try_from(number).unwrap().to_le_bytes()
}

/// The file of some entries, and where its directory begins.
pub(crate) fn zip_with_directory(entries: &[Entry]) -> (Vec<u8>, usize) {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let at = entry.at.unwrap_or(u32::try_from(file.len()).unwrap());
        let local_name = entry.local_name.as_ref().unwrap_or(&entry.name);
        let small = u32::try_from(entry.size).unwrap_or(u32::MAX);
        let (size, compressed) = entry
            .sizes
            .unwrap_or((small, u32::try_from(entry.bytes.len()).unwrap()));
        let shared = [
            &entry.flags.to_le_bytes()[..],
            &entry.method.to_le_bytes(),
            &[0; 4],
            &entry.crc.to_le_bytes(),
            &compressed.to_le_bytes(),
            &size.to_le_bytes(),
        ]
        .concat();
        file.extend([b"PK\x03\x04\x14\0", &shared[..]].concat());
        file.extend(
            [
                &u16_of(local_name.len())[..],
                &[0; 2],
                local_name,
                &entry.bytes,
            ]
            .concat(),
        );
        directory.extend([b"PK\x01\x02\x14\0\x14\0", &shared[..]].concat());
        directory.extend(u16_of(entry.name.len()));
        directory.extend(u16_of(entry.extra.len()));
        directory.extend([&[0; 10][..], &at.to_le_bytes(), &entry.name, &entry.extra].concat());
    }
    let start = file.len();
    file.extend(&directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend([u16_of(entries.len()), u16_of(entries.len())].concat());
    file.extend([u32_of(directory.len()), u32_of(start)].concat());
    file.extend([0, 0]);
    (file, start)
}

/// The file of some entries.
pub(crate) fn zip(entries: &[Entry]) -> Vec<u8> {
    zip_with_directory(entries).0
}
