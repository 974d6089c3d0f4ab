//! What would work instead: the flags and other ways out that an error line ends with.

use std::io::ErrorKind;

use wbimg::job::Failure;
use wbimg::layout::{ShapeError, readings_as_flags};
use wbimg::open::OpenError;
use wbimg::picture::PictureError;
use wbimg::read::{ImageError, NpyError, PickleError, ReadError, TorchError};
use wbimg::selection::NotPicture;
use wbimg::store::StoreError;

/// The hint for a failure, where there is one.
pub(crate) fn hint(failure: &Failure) -> Option<String> {
    match failure {
        Failure::Open(error) => hint_for_open(error).map(str::to_owned),
        Failure::Picture(error) => hint_for_picture(error),
        Failure::Store(StoreError::Link { .. } | StoreError::InTheWay { .. }) => {
            Some("remove it, or choose another directory with -o".to_owned())
        }
        Failure::Store(StoreError::Io { source, .. })
            if source.kind() == ErrorKind::InvalidFilename =>
        {
            Some("choose a shorter name with --key".to_owned())
        }
        Failure::Key { .. } => Some("choose another with --key".to_owned()),
        Failure::Annotate(_) | Failure::Labels(_) | Failure::Store(_) | Failure::Panicked => None,
    }
}

fn hint_for_open(error: &OpenError) -> Option<&'static str> {
    match error {
        OpenError::NotRegular {
            what: "a named pipe",
        } => Some("pass it on standard input, as '-'"),
        OpenError::LongStdin { .. } => Some("lift the limit with --max-memory, or pass a file"),
        OpenError::Url => Some("download it first"),
        OpenError::NotRegular { .. } | OpenError::Io(_) => None,
    }
}

fn hint_for_picture(error: &PictureError) -> Option<String> {
    if error.is_pixel_limit() {
        return Some("lift the limit with --max-pixels".to_owned());
    }
    if error.is_memory_limit() {
        return Some("lift the limit with --max-memory".to_owned());
    }
    match error {
        PictureError::Shape(ShapeError::Unreadable { readings, .. }) => readings_as_flags(readings),
        PictureError::NoPicture(error) => error.why().and_then(hint_for_array),
        PictureError::Read(error) => hint_for_read(error).map(str::to_owned),
        _ => None,
    }
}

/// The hint for an array of a container that is no picture.
fn hint_for_array(why: &NotPicture) -> Option<String> {
    match why {
        NotPicture::Shape(ShapeError::Unreadable { readings, .. }) => readings_as_flags(readings),
        NotPicture::Shape(_) | NotPicture::NoFrame { .. } | NotPicture::Held { .. } => None,
    }
}

fn hint_for_read(error: &ReadError) -> Option<&'static str> {
    match error {
        ReadError::Unknown { .. } | ReadError::Empty => Some(
            "expected .npy, .npz, .pt, .safetensors, or a png, jpeg, bmp, gif, webp or tiff file",
        ),
        ReadError::Unsupported { .. } => Some("save the array with numpy.save(\"x.npy\", array)"),
        ReadError::Npy(NpyError::DType { .. }) => {
            Some("convert it with array.astype before saving")
        }
        ReadError::Torch(TorchError::Pickle(PickleError::Global { .. })) => Some(
            "save tensors only, alone or in dicts and lists, as in torch.save(model.state_dict(), \"x.pt\")",
        ),
        ReadError::Image(ImageError::Unsupported { .. }) => Some("convert it to PNG first"),
        ReadError::Image(ImageError::SeparateScans) => {
            Some("leave out --reencode to keep its bytes, or convert it to PNG first")
        }
        _ => None,
    }
}
