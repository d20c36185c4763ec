//! XMP (ISO 16684-1): a packet of RDF in XML. Read are properties of the photo itself, those two levels below `rdf:RDF`, in
//! both forms that the standard has, as elements and as attributes.
//!
//! Entities are the five of XML and characters by number; others are left out, and none is ever defined. The depth is
//! bounded, and nothing is kept but the texts that are wanted.

use quick_xml::Reader;
use quick_xml::escape::{resolve_predefined_entity, unescape};
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::QName;

use crate::description::Description;
use crate::limits::{BLOCK_BYTES, CAPTION_CHARS, KEYWORDS, RATING, XMP_DEPTH};
use crate::{numbers, taken_at, text};

/// The namespaces of interest; each with the prefix that it mostly has.
const SPACES: [(Space, &[u8], &[u8]); 5] = [
    (Space::Rdf, b"rdf", b"http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    (Space::Dc, b"dc", b"http://purl.org/dc/elements/1.1/"),
    (Space::Xmp, b"xmp", b"http://ns.adobe.com/xap/1.0/"),
    (Space::Photoshop, b"photoshop", b"http://ns.adobe.com/photoshop/1.0/"),
    (Space::Exif, b"exif", b"http://ns.adobe.com/exif/1.0/"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Space {
    Rdf,
    Dc,
    Xmp,
    Photoshop,
    Exif,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Property {
    Title,
    Caption,
    Creator,
    Keywords,
    Rating,
    Taken,
    Created,
}

/// What the packet states, and whether all of it could be read.
pub(crate) fn read(packet: &[u8]) -> (Description, bool) {
    let packet = &packet[..packet.len().min(BLOCK_BYTES)];
    let end = packet.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let mut reader = Reader::from_reader(&packet[..end]);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut state = State::default();
    let is_sound = loop {
        match reader.read_event() {
            Ok(Event::Eof) => break state.depth == 0,
            Ok(event) if state.take(&event).is_some() => {}
            _ => break false,
        }
    };
    let State { mut found, created, .. } = state;
    found.taken_at = found.taken_at.or(created);
    (found, is_sound)
}

#[derive(Default)]
struct State {
    found: Description,
    /// photoshop:DateCreated.
    created: Option<String>,
    /// Prefixes that the packet itself declares.
    declared: Vec<(Vec<u8>, Option<Space>)>,
    depth: usize,
    /// At which depth `rdf:RDF` is open.
    rdf: Option<usize>,
    /// The property that is open.
    property: Option<Property>,
    items: Vec<Item>,
}

/// A text of a property that is open: its own, or one of a list.
struct Item {
    text: String,
    depth: usize,
    is_default: bool,
}

impl State {
    /// `None` where the packet goes too deep.
    fn take(&mut self, event: &Event<'_>) -> Option<()> {
        match event {
            Event::Start(start) => self.open(start)?,
            Event::Empty(start) => {
                self.open(start)?;
                self.close();
            }
            Event::End(_) => self.close(),
            Event::Text(part) => self.write(&text::decode(part, CAPTION_CHARS)),
            Event::CData(part) => self.write(&text::decode(part, CAPTION_CHARS)),
            Event::GeneralRef(name) => match name.resolve_char_ref() {
                Ok(Some(char)) => self.write(char.encode_utf8(&mut [0; 4])),
                _ => self.write(resolve_predefined_entity(&text::decode(name, CAPTION_CHARS)).unwrap_or_default()),
            },
            _ => {}
        }
        Some(())
    }

    fn open(&mut self, start: &BytesStart<'_>) -> Option<()> {
        self.depth = Some(self.depth + 1).filter(|depth| *depth <= XMP_DEPTH)?;
        self.declare(start);
        let name = self.name(start.name());
        match self.rdf.map(|rdf| self.depth - rdf) {
            None if name == Some((Space::Rdf, b"RDF")) => self.rdf = Some(self.depth),
            Some(1) if name == Some((Space::Rdf, b"Description")) => self.read_attributes(start),
            Some(2) => {
                self.property = name.and_then(property);
                self.items = self.property.iter().map(|_| self.item(false)).collect();
            }
            Some(3..)
                if name == Some((Space::Rdf, b"li")) && self.property.is_some() && self.items.len() <= KEYWORDS =>
            {
                let is_default = attributes(start).any(|(key, value)| key == b"xml:lang" && value == "x-default");
                self.items.push(self.item(is_default));
            }
            _ => {}
        }
        Some(())
    }

    fn close(&mut self) {
        match self.rdf.map(|rdf| self.depth - rdf) {
            Some(0) => self.rdf = None,
            Some(2) => {
                if let Some(property) = self.property.take() {
                    let items = std::mem::take(&mut self.items);
                    self.keep(property, items);
                }
            }
            _ => {}
        }
        self.depth = self.depth.saturating_sub(1);
        // Texts belong to the element that is open; the list of an item that has ended takes none.
    }

    fn item(&self, is_default: bool) -> Item {
        Item { text: String::new(), depth: self.depth, is_default }
    }

    fn write(&mut self, text: &str) {
        let depth = self.depth;
        if let Some(item) = self.items.last_mut().filter(|item| item.depth == depth)
            && item.text.len() < CAPTION_CHARS * 8
        {
            item.text.push_str(text);
        }
    }

    fn read_attributes(&mut self, start: &BytesStart<'_>) {
        for (key, value) in attributes(start) {
            if let Some(property) = self.name(QName(key)).and_then(property) {
                self.keep(property, vec![Item { text: value, ..self.item(false) }]);
            }
        }
    }

    /// The first statement of a field counts.
    fn keep(&mut self, property: Property, items: Vec<Item>) {
        let texts = || items.iter().map(|item| item.text.trim()).filter(|text| !text.is_empty());
        let default = items.iter().find(|item| item.is_default).map(|item| item.text.trim());
        let one = default.filter(|text| !text.is_empty()).or_else(|| texts().next()).unwrap_or_default();
        let found = &mut self.found;
        match property {
            Property::Title => found.title = found.title.take().or_else(|| text::title(one)),
            Property::Caption => found.caption = found.caption.take().or_else(|| text::caption(one)),
            Property::Creator => {
                found.creator = found.creator.take().or_else(|| text::title(&texts().collect::<Vec<_>>().join(", ")));
            }
            Property::Keywords if found.keywords.is_empty() => {
                found.keywords = texts().filter_map(text::keyword).take(KEYWORDS).collect();
            }
            Property::Keywords => {}
            Property::Rating => {
                let rating = || numbers::parse_short(one).filter(|stars| RATING.contains(stars));
                found.rating = found.rating.or_else(rating);
            }
            Property::Taken => found.taken_at = found.taken_at.take().or_else(|| taken_at::of_xmp(one)),
            Property::Created => self.created = self.created.take().or_else(|| taken_at::of_xmp(one)),
        }
    }

    /// Remembers what the prefixes of interest stand for from here on.
    fn declare(&mut self, start: &BytesStart<'_>) {
        for (key, uri) in attributes(start) {
            let Some(prefix) = key.strip_prefix(b"xmlns:") else { continue };
            let space = SPACES.iter().find(|(.., known)| *known == uri.trim().as_bytes()).map(|(space, ..)| *space);
            let is_usual = SPACES.iter().any(|(_, usual, _)| *usual == prefix);
            self.declared.retain(|(known, _)| known != prefix);
            if (space.is_some() || is_usual) && self.declared.len() < XMP_DEPTH {
                self.declared.push((prefix.to_owned(), space));
            }
        }
    }

    fn name<'n>(&self, name: QName<'n>) -> Option<(Space, &'n [u8])> {
        let (local, prefix) = name.decompose();
        let prefix = prefix?.into_inner();
        let space = match self.declared.iter().find(|(known, _)| known == prefix) {
            Some((_, space)) => (*space)?,
            None => SPACES.iter().find(|(_, usual, _)| *usual == prefix)?.0,
        };
        Some((space, local.into_inner()))
    }
}

fn property((space, name): (Space, &[u8])) -> Option<Property> {
    match (space, name) {
        (Space::Dc, b"title") => Some(Property::Title),
        (Space::Dc, b"description") => Some(Property::Caption),
        (Space::Dc, b"creator") => Some(Property::Creator),
        (Space::Dc, b"subject") => Some(Property::Keywords),
        (Space::Xmp, b"Rating") => Some(Property::Rating),
        (Space::Exif, b"DateTimeOriginal") => Some(Property::Taken),
        (Space::Photoshop, b"DateCreated") => Some(Property::Created),
        _ => None,
    }
}

/// Names and values, as far as they can be read.
fn attributes<'a>(start: &'a BytesStart<'_>) -> impl Iterator<Item = (&'a [u8], String)> {
    let mut attributes = start.attributes();
    attributes.with_checks(false);
    attributes.map_while(Result::ok).map(|attribute| {
        let value = text::decode(&attribute.value, CAPTION_CHARS);
        let value = unescape(&value).map_or_else(|_| value.to_string(), std::borrow::Cow::into_owned);
        (attribute.key.into_inner(), value)
    })
}

#[cfg(test)]
mod tests {
    use super::read;

    fn described(inside: &str) -> (crate::description::Description, bool) {
        let start = "<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><r:Description";
        read(format!("{start} {inside}</r:Description></r:RDF>\0\0").as_bytes())
    }

    #[test]
    fn a_prefix_is_what_the_packet_says() {
        let (found, is_sound) = described("xmlns:q='http://purl.org/dc/elements/1.1/'><q:title>Mine</q:title>");
        assert_eq!((found.title.as_deref(), is_sound), (Some("Mine"), true));
        let (found, _) = described("xmlns:dc='http://example.com/'><dc:title>Other</dc:title>");
        assert_eq!(found.title, None);
        assert_eq!(described("><dc:title>Undeclared</dc:title>").0.title.as_deref(), Some("Undeclared"));
    }

    #[test]
    fn no_entity_is_expanded_but_those_of_xml() {
        let (found, _) = described("><dc:title>a&amp;b&#x26;c&evil;d&#0;e</dc:title>");
        assert_eq!(found.title.as_deref(), Some("a&b&cde"));
        let bomb = b"<!DOCTYPE a [<!ENTITY b 'c'>]><rdf:RDF><rdf:Description><dc:title>&b;</dc:title></rdf:Description></rdf:RDF>";
        assert_eq!(read(bomb).0.title, None);
    }

    #[test]
    fn ratings_and_dates_that_cannot_be_are_left_out() {
        for (rating, expected) in
            [("5", Some(5.0)), ("-1", Some(-1.0)), ("2.5", Some(2.5)), ("6", None), ("good", None)]
        {
            assert_eq!(described(&format!("xmp:Rating='{rating}'>")).0.rating, expected);
        }
        assert_eq!(described("photoshop:DateCreated='2003-08-31'>").0.taken_at, None);
    }

    #[test]
    fn of_a_broken_packet_what_was_read_stays() {
        let (found, is_sound) = read(b"<rdf:RDF><rdf:Description xmp:Rating='3'><dc:title>Cut o");
        assert_eq!((found.rating, found.title, is_sound), (Some(3.0), None, false));
        assert!(!described(&format!(">{}", "<rdf:li>".repeat(100))).1);
    }
}
