//! Reading structs whose every field has a default, and enums that are names.

use serde::de::{DeserializeSeed, Deserializer, Error, Visitor};
use std::fmt;

/// Makes `Deserialize` for a struct with a `Default`: what an object lacks keeps its default, and
/// a name that is not known is passed over. Like serde's derive with `#[serde(default)]`, in half
/// the code: every chat page loads it. Other than there, a struct is no list of its fields, and
/// of two values for one name the last counts. What is named behind `but` is not read.
macro_rules! read_fields {
    ($name:ident { $($field:ident),+ $(,)? } $(but $skipped:ident)?) => {
        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct Fields;

                impl<'de> ::serde::de::Visitor<'de> for Fields {
                    type Value = $name;

                    fn expecting(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                        f.write_str("an object")
                    }

                    fn visit_map<A: ::serde::de::MapAccess<'de>>(
                        self,
                        mut map: A,
                    ) -> Result<$name, A::Error> {
                        #[allow(non_camel_case_types, reason = "they are named like the fields")]
                        enum Place { $($field),+ }
                        let names = &[$(stringify!($field)),+];
                        let mut read = $name::default();
                        // A field that is missing in the list is refused here.
                        let $name { $($field),+ $(, $skipped: _)? } = &mut read;
                        let place_in = || $crate::wire::fields::PlaceIn(names);
                        while let Some(place) = map.next_key_seed(place_in())? {
                            $(if place == Place::$field as usize {
                                *$field = map.next_value()?;
                                continue;
                            })+
                            map.next_value::<::serde::de::IgnoredAny>()?;
                        }
                        Ok(read)
                    }
                }

                from.deserialize_map(Fields)
            }
        }
    };
}
pub(crate) use read_fields;

/// Writes and reads an enum without content as these names. Like serde's derive, in a tenth of the
/// code that reads it. A value without a name is refused here.
macro_rules! names {
    ($of:ident { $($value:ident = $name:literal),+ $(,)? }) => {
        impl ::serde::Serialize for $of {
            fn serialize<S: ::serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(match self { $(Self::$value => $name),+ })
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $of {
            fn deserialize<D: ::serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                use ::serde::de::DeserializeSeed;
                const VALUES: &[$of] = &[$($of::$value),+];
                let place = $crate::wire::fields::PlaceIn(&[$($name),+]).deserialize(from)?;
                let unknown = || ::serde::de::Error::custom("a value that is not known here");
                VALUES.get(place).copied().ok_or_else(unknown)
            }
        }
    };
}
pub(crate) use names;

/// Reads a name: its place in this list, or the place after the last.
pub(crate) struct PlaceIn(pub(crate) &'static [&'static str]);

impl<'de> DeserializeSeed<'de> for PlaceIn {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<usize, D::Error> {
        from.deserialize_identifier(self)
    }
}

impl Visitor<'_> for PlaceIn {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<usize, E> {
        Ok(self.0.iter().position(|known| *known == name).unwrap_or(self.0.len()))
    }
}
