//! Reads the text of a selector.

use super::{Complex, Compound, Join, NOT_DEPTH, Op, Selector, Test};
use crate::base::Problem;

pub(super) struct Parser<'c> {
    pub rest: &'c str,
    pub nested: usize,
}

impl Parser<'_> {
    pub fn list(&mut self) -> Result<Selector, Problem> {
        let mut list = Vec::new();
        loop {
            list.push(self.complex()?);
            if !self.eat(',') {
                return Ok(Selector(list));
            }
        }
    }

    fn complex(&mut self) -> Result<Complex, Problem> {
        self.skip_space();
        let mut out = vec![(Join::Subject, self.compound()?)];
        loop {
            let spaced = self.skip_space();
            let join = if self.eat('>') {
                self.skip_space();
                Join::Parent
            } else if !spaced || self.rest.is_empty() || self.rest.starts_with([',', ')']) {
                break;
            } else {
                Join::Ancestor
            };
            let next = self.compound()?;
            // The combinator stands with the compound on its left, which is tested after it.
            if let Some(last) = out.last_mut() {
                last.0 = join;
            }
            out.push((Join::Subject, next));
        }
        out.reverse();
        // Reversed, each combinator belongs to the step that goes up to its compound.
        Ok(Complex(out))
    }

    fn compound(&mut self) -> Result<Compound, Problem> {
        let mut compound = Compound::default();
        let before = self.rest.len();
        if !self.eat('*') && self.rest.starts_with(is_name) {
            compound.tag = Some(self.name()?.to_ascii_lowercase());
        }
        loop {
            let test = if self.eat('.') {
                class_test(self.name()?)
            } else if self.eat('#') {
                attr_test("id", Op::Equals, self.name()?)
            } else if self.eat('[') {
                self.attribute()?
            } else if let Some(rest) = self.rest.strip_prefix(":not(") {
                self.rest = rest;
                self.negation()?
            } else {
                break;
            };
            compound.tests.push(test);
        }
        if self.rest.len() == before {
            return Err(self.refuse("a selector"));
        }
        Ok(compound)
    }

    fn negation(&mut self) -> Result<Test, Problem> {
        self.nested += 1;
        if self.nested > NOT_DEPTH {
            return Err(self.refuse("fewer nested :not()"));
        }
        let inner = self.list()?;
        self.nested -= 1;
        if self.eat(')') { Ok(Test::Not(inner)) } else { Err(self.refuse("\")\"")) }
    }

    fn attribute(&mut self) -> Result<Test, Problem> {
        self.skip_space();
        let name = self.name()?.to_ascii_lowercase();
        self.skip_space();
        if self.eat(']') {
            return Ok(attr_test(&name, Op::Present, String::new()));
        }
        let op = match self.rest.chars().next() {
            Some('^') => Op::Starts,
            Some('$') => Op::Ends,
            Some('*') => Op::Contains,
            Some('~') => Op::Word,
            Some('|') => Op::Dash,
            _ => Op::Equals,
        };
        if op != Op::Equals {
            self.rest = self.rest.get(1..).unwrap_or_default();
        }
        if !self.eat('=') {
            return Err(self.refuse("\"=\" or \"]\""));
        }
        self.skip_space();
        let value = self.value()?;
        self.skip_space();
        let any_case = self.eat('i') || self.eat('I');
        self.skip_space();
        if !self.eat(']') {
            return Err(self.refuse("\"]\""));
        }
        Ok(Test::Attr { name, op, value, any_case })
    }

    fn value(&mut self) -> Result<String, Problem> {
        let Some(quote @ ('"' | '\'')) = self.rest.chars().next() else { return self.name() };
        let mut value = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            if c == quote {
                self.rest = self.rest.get(at + 1..).unwrap_or_default();
                return Ok(value);
            }
            if c == '\\' {
                value.extend(chars.next().map(|(_, c)| c));
            } else {
                value.push(c);
            }
        }
        Err(self.refuse("a closing quote"))
    }

    fn name(&mut self) -> Result<String, Problem> {
        let mut name = String::new();
        let mut chars = self.rest.char_indices();
        let mut end = self.rest.len();
        while let Some((at, c)) = chars.next() {
            if c == '\\' {
                name.extend(chars.next().map(|(_, c)| c));
            } else if is_name(c) {
                name.push(c);
            } else {
                end = at;
                break;
            }
        }
        self.rest = self.rest.get(end..).unwrap_or_default();
        if name.is_empty() { Err(self.refuse("a name")) } else { Ok(name) }
    }

    fn eat(&mut self, wanted: char) -> bool {
        let after = self.rest.strip_prefix(wanted);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn skip_space(&mut self) -> bool {
        let before = self.rest.len();
        self.rest = self.rest.trim_start();
        self.rest.len() != before
    }

    fn refuse(&self, wanted: &str) -> Problem {
        Problem::skip(format!("selector: expected {wanted} at \"{}\"", self.rest))
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '\\') || !c.is_ascii()
}

fn class_test(name: String) -> Test {
    attr_test("class", Op::Word, name)
}

fn attr_test(name: &str, op: Op, value: String) -> Test {
    Test::Attr { name: name.to_owned(), op, value, any_case: false }
}
