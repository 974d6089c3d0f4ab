//! What a pickle's calls stand for: tensors, storages, dicts.

use super::machine::Machine;
use super::{Id, MAX_AXES, Node, PickleError, Storage, Tensor};
use crate::read::globals::{self, Elements, Global};

/// The longest name of a global that is shown.
const MAX_SHOWN: usize = 200;

impl<'a> Machine<'a> {
    /// What a call of a listed function would give.
    pub(super) fn reduce(&mut self, function: Id, arguments: Id) -> Result<(), PickleError> {
        let (&Node::Global(mut global), Node::Tuple(arguments)) =
            (self.node(function), self.node(arguments))
        else {
            return self.damaged("a function and its arguments");
        };
        // A tuple may be long and be named often, so it is never copied.
        let mut arguments = &arguments[..];
        if global == Global::FromType {
            let &[function, class, inner, ..] = arguments else {
                return self.damaged("a function, a class and arguments");
            };
            match (self.node(function), self.node(class), self.node(inner)) {
                (
                    &Node::Global(function),
                    Node::Global(Global::TensorClass),
                    Node::Tuple(inner),
                ) if function != Global::FromType => {
                    global = function;
                    arguments = inner;
                }
                _ => return self.damaged("a function, a class and arguments"),
            }
        }
        let made = match (global, arguments) {
            (Global::Tensor, _) => self.tensor(arguments, None)?,
            (Global::TypedTensor, &[_, _, _, _, _, _, dtype, ..]) => {
                let &Node::Global(Global::Type(elements)) = self.node(dtype) else {
                    return self.damaged("an element type");
                };
                self.tensor(arguments, Some(elements))?
            }
            (Global::Parameter, &[tensor, ..])
                if matches!(self.node(tensor), Node::Tensor(_) | Node::NoPicture(_)) =>
            {
                self.stack.push(tensor);
                return Ok(());
            }
            (Global::NoPicture(held), _) => Node::NoPicture(held),
            (Global::Dict, []) => Node::Dict(Vec::new()),
            // The factory of a defaultdict.
            (Global::Dict, &[factory]) if !matches!(self.node(factory), Node::List(_)) => {
                Node::Dict(Vec::new())
            }
            (Global::Other, _) => Node::Other,
            _ => return self.damaged("arguments that fit their function"),
        };
        self.push(made);
        Ok(())
    }

    /// (storage, offset, shape, strides, gradient?, hooks?, type or metadata?, metadata?)
    fn tensor(&self, arguments: &[Id], typed: Option<Elements>) -> Result<Node<'a>, PickleError> {
        let &[storage, offset, shape, strides, ..] = arguments else {
            return self.damaged("storage, offset, shape and strides");
        };
        let Node::Storage(of) = self.node(storage) else {
            return self.damaged("a storage");
        };
        let metadata = arguments.get(if typed.is_some() { 7 } else { 6 });
        Ok(Node::Tensor(Box::new(Tensor {
            elements: typed.unwrap_or(of.elements),
            storage,
            offset: self.size(offset)?,
            shape: self.sizes(shape)?,
            strides: self.sizes(strides)?,
            is_lazy: metadata
                .is_some_and(|&id| matches!(self.node(id), Node::Dict(pairs) if !pairs.is_empty())),
        })))
    }

    /// ("storage", class, key, device, number of elements, and a view where torch was older than 0.4)
    pub(super) fn storage(&self, id: Id) -> Result<Storage<'a>, PickleError> {
        let Node::Tuple(parts) = self.node(id) else {
            return self.damaged("the tuple of a storage");
        };
        let Some((&[kind, class, key, _, count], view)) = parts.split_first_chunk::<5>() else {
            return self.damaged("the tuple of a storage");
        };
        if let [view] = view
            && !matches!(self.node(*view), Node::None)
        {
            return self.damaged("a whole storage, as torch writes since 0.4");
        }
        match (self.node(kind), self.node(class), self.node(key)) {
            (Node::Text("storage"), &Node::Global(Global::Storage(elements)), &Node::Text(key)) => {
                Ok(Storage {
                    elements,
                    key,
                    count: self.size(count)? as u64,
                })
            }
            _ => self.damaged("the tuple of a storage"),
        }
    }

    fn sizes(&self, id: Id) -> Result<Vec<usize>, PickleError> {
        match self.node(id) {
            Node::Tuple(sizes) if sizes.len() <= MAX_AXES => {
                sizes.iter().map(|&size| self.size(size)).collect()
            }
            _ => self.damaged("a tuple of at most 64 sizes"),
        }
    }

    fn size(&self, id: Id) -> Result<usize, PickleError> {
        match *self.node(id) {
            Node::Int(size) => usize::try_from(size).or_else(|_| self.damaged("a size from 0")),
            _ => self.damaged("a size"),
        }
    }

    pub(super) fn push_global(&mut self, module: &str, name: &str) -> Result<(), PickleError> {
        let global = globals::find(module, name).ok_or_else(|| PickleError::Global {
            name: format!("{module}.{name}").chars().take(MAX_SHOWN).collect(),
        })?;
        self.push(Node::Global(global));
        Ok(())
    }
}
