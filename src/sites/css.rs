//! A small selector matcher for compact trees.
//!
//! Knows: tag, `*`, `.class`, `#id`, `[a]`, `[a=v]` with `= ^= $= *= ~= |=`, quotes and the flag
//! `i`, `:not(list)`, descendant and child combinators, comma lists, and a backslash before one
//! character. What it does not know is refused: no table holds what only a browser understands.

mod parser;

use crate::base::Problem;
use crate::wire::page::{Element, Node};
use parser::Parser;

/// Compounds tested in one search. A real turn of 40,000 nodes takes about 100,000; a hostile
/// tree ends the search early instead of holding up the page.
const STEPS: usize = 1_000_000;
/// Depth below which nothing is searched: page trees are cut at 96, JSON at 128.
const DEPTH: usize = 160;
/// Kinds of elements told apart in one tree.
const KINDS: usize = 64;
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

/// The kinds of elements in a tree: each tag with its attributes once. Turns have few, and most
/// selectors find none of them.
#[derive(Debug, Default)]
pub struct Kinds<'t> {
    found: Vec<&'t Element>,
    /// There are more than are looked at.
    more: bool,
}

impl<'t> Kinds<'t> {
    /// Those of `root` and all below it.
    #[must_use]
    pub fn of(root: &'t Element) -> Self {
        let mut kinds = Self::default();
        kinds.note(root, 0);
        kinds
    }

    fn note(&mut self, element: &'t Element, depth: usize) {
        let like = |known: &&Element| known.tag == element.tag && known.attrs == element.attrs;
        if !self.found.iter().any(like) {
            self.found.push(element);
        }
        self.more |= depth > DEPTH || self.found.len() > KINDS;
        for child in &element.children {
            match child {
                Node::Element(child) if !self.more => self.note(child, depth + 1),
                _ => {}
            }
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

    /// Whether this may match anything in a tree with these kinds of elements.
    #[must_use]
    pub fn may_find(&self, kinds: &Kinds) -> bool {
        let there = |compound: &Compound| kinds.found.iter().any(|one| compound.is(one));
        kinds.more || self.0.iter().any(|complex| complex.0.iter().all(|(_, one)| there(one)))
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
        let not = |test: &Test, steps: &mut usize| match test {
            Test::Attr { .. } => true,
            Test::Not(inner) => !inner.test(path, steps),
        };
        self.is(element) && self.tests.iter().all(|test| not(test, steps))
    }

    /// Whether the element is one of these, but for where it stands.
    fn is(&self, element: &Element) -> bool {
        self.tag.as_ref().is_none_or(|tag| *tag == element.tag)
            && self.tests.iter().all(|test| match test {
                Test::Attr { name, op, value, any_case } => {
                    element.attr(name).is_some_and(|actual| op.test(actual, value, *any_case))
                }
                Test::Not(_) => true,
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
