//! The globals that a pickle of tensors may name. None is ever called: each stands for a fact about the file.
//! Whatever is not in this list is refused by name.

use crate::dtype::DType;

/// What a global of the list stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Global {
    /// `_rebuild_tensor`, `_rebuild_tensor_v2`: the storage knows the element type.
    Tensor,
    /// `_rebuild_tensor_v3`: the element type is an argument.
    TypedTensor,
    /// `_rebuild_from_type_v2`: another of these functions, with its arguments.
    FromType,
    /// `_rebuild_parameter`: its first argument is the tensor.
    Parameter,
    /// The class of tensors, of parameters, or of torchvision's pictures.
    TensorClass,
    /// A tensor that no picture can be made of.
    NoPicture(&'static str),
    /// A dict in all but name.
    Dict,
    /// The class of a storage.
    Storage(Elements),
    /// An element type.
    Type(Elements),
    /// A value that says nothing about tensors.
    Other,
}

/// What a storage or a tensor has for elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Elements {
    /// Numbers.
    Known(DType),
    /// Bytes, whose type each tensor knows.
    Untyped,
    /// What no picture is made of, and the bytes of one.
    Other(&'static str, usize),
}

impl Elements {
    /// Bytes of one.
    pub(super) fn size(self) -> usize {
        match self {
            Self::Known(dtype) => dtype.size(),
            Self::Untyped => 1,
            Self::Other(_, size) => size,
        }
    }
}

/// Looks a global up in the list.
pub(super) fn find(module: &str, name: &str) -> Option<Global> {
    Some(match (module, name) {
        ("torch._utils", "_rebuild_tensor" | "_rebuild_tensor_v2") => Global::Tensor,
        ("torch._utils", "_rebuild_tensor_v3") => Global::TypedTensor,
        ("torch._tensor", "_rebuild_from_type_v2") => Global::FromType,
        ("torch._utils", "_rebuild_parameter" | "_rebuild_parameter_with_state") => {
            Global::Parameter
        }
        ("torch" | "torch._tensor", "Tensor")
        | ("torch.nn.parameter", "Parameter" | "Buffer")
        | ("torchvision.tv_tensors._image", "Image")
        | ("torchvision.tv_tensors._mask", "Mask")
        | ("torchvision.tv_tensors._video", "Video") => Global::TensorClass,
        ("torch._utils", "_rebuild_sparse_tensor" | "_rebuild_sparse_csr_tensor") => {
            Global::NoPicture("a sparse tensor")
        }
        ("torch._utils", "_rebuild_qtensor") => Global::NoPicture("a quantized tensor"),
        ("torch._utils", "_rebuild_meta_tensor_no_storage") => {
            Global::NoPicture("a tensor without data (device meta)")
        }
        ("torch._utils", "_rebuild_nested_tensor") => Global::NoPicture("a nested tensor"),
        ("collections", "OrderedDict" | "defaultdict") => Global::Dict,
        ("torch.storage", "UntypedStorage") | ("torch", "UntypedStorage") => {
            Global::Storage(Elements::Untyped)
        }
        ("torch" | "torch.cuda", storage) if storage.ends_with("Storage") => {
            Global::Storage(storage_elements(storage.strip_suffix("Storage")?)?)
        }
        ("torch", name) => return torch_name(name),
        ("torch.serialization", "_get_layout")
        | ("collections", "Counter")
        | ("_codecs", "encode")
        | (
            "__builtin__" | "builtins",
            "set" | "frozenset" | "complex" | "bytearray" | "list" | "dict" | "int" | "float",
        ) => Global::Other,
        _ => return None,
    })
}

fn storage_elements(name: &str) -> Option<Elements> {
    Some(Elements::Known(match name {
        "Bool" => DType::Bool,
        "Byte" => DType::U8,
        "Char" => DType::I8,
        "Short" => DType::I16,
        "Int" => DType::I32,
        "Long" => DType::I64,
        "Half" => DType::F16,
        "BFloat16" => DType::Bf16,
        "Float" => DType::F32,
        "Double" => DType::F64,
        "ComplexFloat" => DType::C64,
        "ComplexDouble" => DType::C128,
        "QInt8" => return Some(Elements::Other("qint8", 1)),
        "QUInt8" => return Some(Elements::Other("quint8", 1)),
        "QUInt4x2" => return Some(Elements::Other("quint4x2", 1)),
        "QUInt2x4" => return Some(Elements::Other("quint2x4", 1)),
        "QInt32" => return Some(Elements::Other("qint32", 4)),
        _ => return None,
    }))
}

/// Element types and the few other names of the module `torch` itself.
fn torch_name(name: &str) -> Option<Global> {
    const NO_NUMBERS: [(&str, usize); 14] = [
        ("float8_e4m3fn", 1),
        ("float8_e4m3fnuz", 1),
        ("float8_e5m2", 1),
        ("float8_e5m2fnuz", 1),
        ("float8_e8m0fnu", 1),
        ("float4_e2m1fn_x2", 1),
        ("complex32", 4),
        ("qint8", 1),
        ("quint8", 1),
        ("qint32", 4),
        ("quint4x2", 1),
        ("quint2x4", 1),
        ("bits8", 1),
        ("bits16", 2),
    ];
    let dtype = match name {
        "bool" => DType::Bool,
        "uint8" => DType::U8,
        "uint16" => DType::U16,
        "uint32" => DType::U32,
        "uint64" => DType::U64,
        "int8" => DType::I8,
        "int16" => DType::I16,
        "int32" => DType::I32,
        "int64" => DType::I64,
        "float16" => DType::F16,
        "bfloat16" => DType::Bf16,
        "float32" => DType::F32,
        "float64" => DType::F64,
        "complex64" => DType::C64,
        "complex128" => DType::C128,
        "Size" | "device" | "per_tensor_affine" | "per_channel_affine" | "strided"
        | "sparse_coo" => {
            return Some(Global::Other);
        }
        _ => {
            let (name, size) = NO_NUMBERS.into_iter().find(|(known, _)| *known == name)?;
            return Some(Global::Type(Elements::Other(name, size)));
        }
    };
    Some(Global::Type(Elements::Known(dtype)))
}
