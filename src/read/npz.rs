//! `.npz`: a zip file of `.npy` files, stored or deflated. What is stored is read in place.

use super::container::{Container, Other};
use super::npy::{self, NpyError};
use super::place::{Deflated, Place};
use super::zip::{Archive, Entry, Packing};
use super::{Contents, Member, ReadError, Source};

/// The arrays of an archive.
pub(super) fn read(source: &Source, archive: &Archive) -> Result<Contents, ReadError> {
    let mut container = Container::default();
    for entry in &archive.entries {
        let name = entry.name();
        if name.ends_with('/') {
            continue;
        }
        let Some(stem) = name.strip_suffix(".npy") else {
            let held = "a file that is no .npy array".to_owned();
            container.others.push(Other { name, held });
            continue;
        };
        let stem = stem.to_owned();
        match read_member(source, entry, &stem) {
            Ok(member) => container.arrays.push(member),
            Err(ReadError::Npy(NpyError::DType { held })) => {
                container.others.push(Other { name: stem, held });
            }
            Err(ReadError::Npy(NpyError::Io { kind })) if entry.is_inflate_error(kind) => {
                return Err(entry.cannot_be_inflated().into());
            }
            Err(error @ ReadError::Zip(_)) => return Err(error),
            Err(error) => {
                return Err(ReadError::Member {
                    name: stem,
                    error: Box::new(error),
                });
            }
        }
    }
    Ok(Contents::Container(container.with_unique_names()?))
}

fn read_member(source: &Source, entry: &Entry, name: &str) -> Result<Member, ReadError> {
    let (spec, header) = npy::read_header_from(entry.open(source)?, entry.size)?;
    let place = match entry.packing()? {
        Packing::Stored => Place::Stored {
            start: entry.data(source)?,
            header,
            entry: entry.clone(),
        },
        Packing::Deflated => Place::Deflated(Deflated::new(entry.clone(), header)),
    };
    Ok(Member {
        name: Some(name.to_owned()),
        format: ".npz",
        spec,
        place,
    })
}
