//! The instructions of a pickle, one by one.

use std::collections::HashMap;

use super::{Id, Node, PickleError};

/// The longest line with the name of a module or of something in it.
const MAX_GLOBAL: usize = 256;

#[derive(PartialEq, Eq)]
pub(super) enum Flow {
    GoOn,
    Stop,
}

pub(super) struct Machine<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
    /// Where the current instruction is.
    op: usize,
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) stack: Vec<Id>,
    /// Lengths of the stack.
    marks: Vec<usize>,
    memo: HashMap<u32, Id>,
}

impl<'a> Machine<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            op: 0,
            nodes: Vec::new(),
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
        }
    }

    /// Follows one instruction.
    pub(super) fn step(&mut self) -> Result<Flow, PickleError> {
        self.op = self.at;
        match self.byte()? {
            b'.' => return Ok(Flow::Stop),
            0x80 => {
                if !(2..=5).contains(&self.byte()?) {
                    return self.damaged("pickle protocol 2 to 5");
                }
            }
            // A frame is a hint about buffering.
            0x95 => {
                self.take(8)?;
            }
            b'(' => self.marks.push(self.stack.len()),
            b'0' => {
                self.pop()?;
            }
            b'2' => {
                let top = self.top()?;
                self.stack.push(top);
            }
            b'N' => self.push(Node::None),
            0x88 => self.push(Node::True),
            0x89 => self.push(Node::False),
            b'J' => {
                let number = i32::from_le_bytes(self.array()?);
                self.push(Node::Int(number.into()));
            }
            b'K' => {
                let number = self.byte()?;
                self.push(Node::Int(number.into()));
            }
            b'M' => {
                let number = u16::from_le_bytes(self.array()?);
                self.push(Node::Int(number.into()));
            }
            code @ (0x8a | 0x8b) => {
                let len = self.length(if code == 0x8a { 1 } else { 4 })?;
                let number = long(self.take(len)?);
                self.push(number);
            }
            b'G' => {
                self.take(8)?;
                self.push(Node::Other);
            }
            code @ (b'X' | 0x8c | 0x8d) => {
                let len = self.length(match code {
                    0x8c => 1,
                    b'X' => 4,
                    _ => 8,
                })?;
                // Python's surrogates are not text elsewhere.
                let text = std::str::from_utf8(self.take(len)?);
                self.push(text.map_or(Node::Other, Node::Text));
            }
            // Byte strings, of Python 2 and 3.
            code @ (b'U' | b'C' | b'T' | b'B' | 0x8e | 0x96) => {
                let len = self.length(match code {
                    b'U' | b'C' => 1,
                    b'T' | b'B' => 4,
                    _ => 8,
                })?;
                self.take(len)?;
                self.push(Node::Other);
            }
            code => return self.step_container(code),
        }
        Ok(Flow::GoOn)
    }

    /// Instructions that put values together.
    fn step_container(&mut self, code: u8) -> Result<Flow, PickleError> {
        match code {
            b'}' => self.push(Node::Dict(Vec::new())),
            b']' => self.push(Node::List(Vec::new())),
            b')' => self.push(Node::Tuple(Vec::new())),
            0x8f => self.push(Node::Other),
            b't' => {
                let items = self.pop_mark()?;
                self.push(Node::Tuple(items));
            }
            0x85..=0x87 => {
                let from = self.stack.len().checked_sub(usize::from(code - 0x84));
                match from.filter(|&from| from >= self.floor()) {
                    Some(from) => {
                        let items = self.stack.split_off(from);
                        self.push(Node::Tuple(items));
                    }
                    None => return self.damaged("values for a tuple"),
                }
            }
            b'l' => {
                let items = self.pop_mark()?;
                self.push(Node::List(items));
            }
            b'd' => {
                let items = self.pop_mark()?;
                self.push(Node::Dict(Vec::new()));
                self.set(&items)?;
            }
            0x91 => {
                self.pop_mark()?;
                self.push(Node::Other);
            }
            b'a' => {
                let item = self.pop()?;
                self.append(&[item])?;
            }
            b'e' => {
                let items = self.pop_mark()?;
                self.append(&items)?;
            }
            b's' => {
                let value = self.pop()?;
                let key = self.pop()?;
                self.set(&[key, value])?;
            }
            b'u' => {
                let items = self.pop_mark()?;
                self.set(&items)?;
            }
            0x90 => {
                self.pop_mark()?;
                self.top()?;
            }
            b'1' => {
                self.pop_mark()?;
            }
            code => return self.step_object(code),
        }
        Ok(Flow::GoOn)
    }

    /// Instructions about the memo, globals and objects.
    fn step_object(&mut self, code: u8) -> Result<Flow, PickleError> {
        match code {
            b'q' => {
                let slot = self.byte()?.into();
                self.memoize(slot)?;
            }
            b'r' => {
                let slot = u32::from_le_bytes(self.array()?);
                self.memoize(slot)?;
            }
            0x94 => {
                let slot = u32::try_from(self.memo.len()).unwrap_or(u32::MAX);
                self.memoize(slot)?;
            }
            b'h' => {
                let slot = self.byte()?.into();
                self.recall(slot)?;
            }
            b'j' => {
                let slot = u32::from_le_bytes(self.array()?);
                self.recall(slot)?;
            }
            b'c' => {
                let module = self.line()?;
                let name = self.line()?;
                self.push_global(module, name)?;
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                match (self.node(module), self.node(name)) {
                    (&Node::Text(module), &Node::Text(name)) => self.push_global(module, name)?,
                    _ => return self.damaged("the name of a global"),
                }
            }
            b'Q' => {
                let id = self.pop()?;
                let storage = self.storage(id)?;
                self.push(Node::Storage(Box::new(storage)));
            }
            b'R' | 0x81 => {
                let (arguments, function) = (self.pop()?, self.pop()?);
                self.reduce(function, arguments)?;
            }
            // State beside the value: attributes that matter to no picture.
            b'b' => {
                self.pop()?;
                let top = self.top()?;
                if !matches!(
                    self.node(top),
                    Node::Dict(_) | Node::Tensor(_) | Node::NoPicture(_) | Node::Other
                ) {
                    return self.damaged("an object that has state");
                }
            }
            code => return Err(PickleError::Instruction { code, at: self.op }),
        }
        Ok(Flow::GoOn)
    }

    fn append(&mut self, items: &[Id]) -> Result<(), PickleError> {
        let list = self.top()?;
        match &mut self.nodes[list as usize] {
            Node::List(list) => list.extend(items),
            Node::Other => {}
            _ => return self.damaged("a list"),
        }
        Ok(())
    }

    fn set(&mut self, items: &[Id]) -> Result<(), PickleError> {
        let (pairs, odd) = items.as_chunks::<2>();
        let dict = self.top()?;
        match &mut self.nodes[dict as usize] {
            Node::Dict(dict) if odd.is_empty() => {
                dict.extend(pairs.iter().map(|&[key, value]| (key, value)));
            }
            Node::Other => {}
            _ => return self.damaged("a dict and pairs"),
        }
        Ok(())
    }

    fn memoize(&mut self, slot: u32) -> Result<(), PickleError> {
        let top = self.top()?;
        self.memo.insert(slot, top);
        Ok(())
    }

    fn recall(&mut self, slot: u32) -> Result<(), PickleError> {
        match self.memo.get(&slot) {
            Some(&id) => self.stack.push(id),
            None => return self.damaged("a value that was kept"),
        }
        Ok(())
    }

    pub(super) fn node(&self, id: Id) -> &Node<'a> {
        &self.nodes[id as usize]
    }

    pub(super) fn push(&mut self, node: Node<'a>) {
        // Instructions are far fewer than 2^32.
        self.stack
            .push(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(node);
    }

    /// The length of the stack below which a mark keeps values.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    pub(super) fn pop(&mut self) -> Result<Id, PickleError> {
        if self.stack.len() <= self.floor() {
            return self.damaged("a value");
        }
        self.stack.pop().map_or_else(|| self.damaged("a value"), Ok)
    }

    fn top(&self) -> Result<Id, PickleError> {
        match self.stack.last() {
            Some(&top) if self.stack.len() > self.floor() => Ok(top),
            _ => self.damaged("a value"),
        }
    }

    fn pop_mark(&mut self) -> Result<Vec<Id>, PickleError> {
        match self.marks.pop() {
            Some(mark) => Ok(self.stack.split_off(mark)),
            None => self.damaged("a mark"),
        }
    }

    fn byte(&mut self) -> Result<u8, PickleError> {
        self.array().map(|[byte]| byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], PickleError> {
        let bytes = self.take(N)?;
        bytes.try_into().map_err(|_| PickleError::Truncated)
    }

    /// A little-endian length of `width` bytes.
    fn length(&mut self, width: usize) -> Result<usize, PickleError> {
        let bytes = self.take(width)?;
        let length = bytes.iter().rev().fold(0u64, |n, &b| n << 8 | u64::from(b));
        usize::try_from(length).map_err(|_| PickleError::Truncated)
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], PickleError> {
        let rest = &self.bytes[self.at..];
        let (taken, _) = rest.split_at_checked(len).ok_or(PickleError::Truncated)?;
        self.at += len;
        Ok(taken)
    }

    /// Text up to the end of the line.
    fn line(&mut self) -> Result<&'a str, PickleError> {
        let rest = &self.bytes[self.at..];
        let end = rest.iter().take(MAX_GLOBAL).position(|&b| b == b'\n');
        match end {
            Some(end) => {
                self.at += end + 1;
                std::str::from_utf8(&rest[..end]).or_else(|_| self.damaged("the name of a global"))
            }
            None if rest.len() < MAX_GLOBAL => Err(PickleError::Truncated),
            None => self.damaged("the name of a global"),
        }
    }

    pub(super) fn damaged<T>(&self, expected: &'static str) -> Result<T, PickleError> {
        Err(PickleError::Damaged {
            at: self.op,
            expected,
        })
    }
}

/// An integer in two's complement.
fn long(bytes: &[u8]) -> Node<'_> {
    if bytes.len() > 8 {
        return Node::Big(bytes);
    }
    let sign = bytes
        .last()
        .map_or(0, |&b| if b & 0x80 == 0 { 0 } else { 0xff });
    let mut whole = [sign; 8];
    whole[..bytes.len()].copy_from_slice(bytes);
    Node::Int(i64::from_le_bytes(whole))
}
