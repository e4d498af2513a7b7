//! A small selector matcher for compact trees.
//!
//! Knows: tag, `*`, `.class`, `#id`, `[a]`, `[a=v]` with `= ^= $= *= ~= |=`, quotes and the flag
//! `i`, `:not(list)`, descendant and child combinators, comma lists, and a backslash before one
//! character. What it does not know is refused: no table holds what only a browser understands.

use crate::base::Problem;
use crate::wire::page::{Element, Node};

/// Compounds tested in one search. A real turn of 40,000 nodes takes about 100,000; a hostile
/// tree ends the search early instead of holding up the page.
const STEPS: usize = 1_000_000;
/// Depth below which nothing is searched: page trees are cut at 96, JSON at 128.
const DEPTH: usize = 160;
/// `:not` inside `:not`.
const NOT_DEPTH: usize = 3;

/// One parsed selector list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector(Vec<Complex>);

/// Compounds from right to left; each but the first with the combinator that joins it to the one
/// before it in this list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Complex(Vec<(Join, Compound)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Join {
    /// The subject itself.
    Subject,
    /// Some ancestor.
    Ancestor,
    /// The parent.
    Parent,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Compound {
    tag: Option<String>,
    tests: Vec<Test>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    Attr { name: String, op: Op, value: String, any_case: bool },
    Not(Selector),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Present,
    Equals,
    Starts,
    Ends,
    Contains,
    Word,
    Dash,
}

impl Op {
    fn written(self) -> &'static str {
        match self {
            Self::Present => "",
            Self::Equals => "=",
            Self::Starts => "^=",
            Self::Ends => "$=",
            Self::Contains => "*=",
            Self::Word => "~=",
            Self::Dash => "|=",
        }
    }
}

impl Selector {
    /// Reads a selector list.
    ///
    /// # Errors
    /// What this matcher does not know, class `Skip`.
    pub fn parse(css: &str) -> Result<Self, Problem> {
        let mut parser = Parser { rest: css, nested: 0 };
        let list = parser.list()?;
        if parser.rest.is_empty() {
            Ok(list)
        } else {
            Err(Problem::skip(format!("selector \"{css}\": cannot read \"{}\"", parser.rest)))
        }
    }

    /// Every attribute that the selector looks at, also `class` and `id`.
    #[must_use]
    pub fn attributes(&self) -> Vec<&str> {
        self.tests().into_iter().map(|(name, ..)| name).collect()
    }

    /// Every test of an attribute: name, operator as it is written, value.
    #[must_use]
    pub fn tests(&self) -> Vec<(&str, &'static str, &str)> {
        let mut all = Vec::new();
        for test in self.0.iter().flat_map(|complex| &complex.0).flat_map(|(_, c)| &c.tests) {
            match test {
                Test::Attr { name, op, value, .. } => all.push((&**name, op.written(), &**value)),
                Test::Not(inner) => all.extend(inner.tests()),
            }
        }
        all
    }

    /// The first match in document order, `root` included; ancestors of `root` do not count.
    #[must_use]
    pub fn find_first<'t>(&self, root: &'t Element) -> Option<&'t Element> {
        self.search(root, Take::First).into_iter().next()
    }

    /// All matches in document order, `root` included.
    #[must_use]
    pub fn find_all<'t>(&self, root: &'t Element) -> Vec<&'t Element> {
        self.search(root, Take::All)
    }

    /// The matches that lie in no other match, in document order, `root` included.
    #[must_use]
    pub fn find_outer<'t>(&self, root: &'t Element) -> Vec<&'t Element> {
        self.search(root, Take::Outer)
    }

    /// Whether `element` matches, seen without its ancestors.
    #[must_use]
    pub fn matches(&self, element: &Element) -> bool {
        self.test(&[element], &mut { STEPS })
    }

    fn search<'t>(&self, root: &'t Element, take: Take) -> Vec<&'t Element> {
        let mut search = Search { selector: self, take, path: Vec::new(), found: Vec::new() };
        search.visit(root, &mut { STEPS });
        search.found
    }

    /// Whether the last element of `path` matches.
    fn test(&self, path: &[&Element], steps: &mut usize) -> bool {
        self.0.iter().any(|complex| complex.test(path, steps))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Take {
    First,
    All,
    Outer,
}

struct Search<'s, 't> {
    selector: &'s Selector,
    take: Take,
    path: Vec<&'t Element>,
    found: Vec<&'t Element>,
}

impl<'t> Search<'_, 't> {
    /// False: the search is over.
    fn visit(&mut self, element: &'t Element, steps: &mut usize) -> bool {
        if self.path.len() >= DEPTH || *steps == 0 {
            return *steps > 0;
        }
        self.path.push(element);
        let hit = self.selector.test(&self.path, steps);
        if hit {
            self.found.push(element);
        }
        let stop = hit && self.take == Take::First;
        let skip = hit && self.take == Take::Outer;
        let mut go_on = !stop;
        if go_on && !skip {
            for child in &element.children {
                if let Node::Element(child) = child {
                    go_on = self.visit(child, steps);
                    if !go_on {
                        break;
                    }
                }
            }
        }
        self.path.pop();
        go_on
    }
}

impl Complex {
    fn test(&self, path: &[&Element], steps: &mut usize) -> bool {
        Self::test_from(&self.0, path, steps)
    }

    fn test_from(left: &[(Join, Compound)], path: &[&Element], steps: &mut usize) -> bool {
        let Some(((join, compound), further)) = left.split_first() else { return true };
        let mut path = path;
        loop {
            let Some((last, above)) = path.split_last() else { return false };
            if *steps == 0 {
                return false;
            }
            *steps -= 1;
            if compound.test(last, path, steps) && Self::test_from(further, above, steps) {
                return true;
            }
            match join {
                Join::Ancestor => path = above,
                Join::Subject | Join::Parent => return false,
            }
        }
    }
}

impl Compound {
    fn test(&self, element: &Element, path: &[&Element], steps: &mut usize) -> bool {
        self.tag.as_ref().is_none_or(|tag| *tag == element.tag)
            && self.tests.iter().all(|test| match test {
                Test::Attr { name, op, value, any_case } => {
                    element.attr(name).is_some_and(|actual| op.test(actual, value, *any_case))
                }
                Test::Not(inner) => !inner.test(path, steps),
            })
    }
}

impl Op {
    fn test(self, actual: &str, wanted: &str, any_case: bool) -> bool {
        if any_case {
            let (a, w) = (actual.to_ascii_lowercase(), wanted.to_ascii_lowercase());
            return self.test(&a, &w, false);
        }
        let some = !wanted.is_empty();
        match self {
            Self::Present => true,
            Self::Equals => actual == wanted,
            Self::Starts => some && actual.starts_with(wanted),
            Self::Ends => some && actual.ends_with(wanted),
            Self::Contains => some && actual.contains(wanted),
            Self::Word => some && actual.split_ascii_whitespace().any(|word| word == wanted),
            Self::Dash => actual
                .strip_prefix(wanted)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('-')),
        }
    }
}

struct Parser<'c> {
    rest: &'c str,
    nested: usize,
}

impl Parser<'_> {
    fn list(&mut self) -> Result<Selector, Problem> {
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
