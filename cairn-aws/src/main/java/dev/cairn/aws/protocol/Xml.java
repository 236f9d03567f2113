package dev.cairn.aws.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.aws.shape.Member;
import dev.cairn.aws.shape.Shape;
import dev.cairn.aws.shape.Shape.TimestampFormat;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Predicate;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/// Writes documents as the XML of the query family.
///
/// XML 1.0 has no way to write most control characters: they become U+FFFD, so that the answer can
/// be read at all.
final class Xml {

    /// What is written in one go.
    interface Content {
        void to(XMLStreamWriter xml) throws XMLStreamException;
    }

    private Xml() {}

    static byte[] bytes(Content content) {
        var text = new StringWriter();
        try {
            XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(text);
            xml.writeStartDocument("UTF-8", "1.0");
            content.to(xml);
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("a StringWriter does not fail", e);
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    static void element(XMLStreamWriter xml, String name, String value) throws XMLStreamException {
        xml.writeStartElement(name);
        text(xml, value);
        xml.writeEndElement();
    }

    static void members(XMLStreamWriter xml, JsonNode value, Shape.Structure structure)
            throws XMLStreamException {
        members(xml, value, structure, _ -> true);
    }

    /// @param which members to write
    static void members(
            XMLStreamWriter xml, JsonNode value, Shape.Structure structure, Predicate<Member> which)
            throws XMLStreamException {
        Documents.checkMembers(value, structure);
        for (Member member : structure.members().values()) {
            JsonNode memberValue = value.get(member.name());
            if (memberValue != null
                    && !memberValue.isNull()
                    && !member.xmlAttribute()
                    && which.test(member)) {
                member(xml, memberValue, member);
            }
        }
    }

    private static void member(XMLStreamWriter xml, JsonNode value, Member member)
            throws XMLStreamException {
        boolean flattened = member.flattened();
        switch (member.shape()) {
            case Shape.Listing listing when flattened || listing.flattened() -> {
                // A list that is flattened wherever it is used goes by its items' name; Smithy's,
                // flattened
                // here, by the member's.
                String name =
                        flattened
                                ? member.wireName()
                                : listing.item().locationName().orElse(member.wireName());
                for (JsonNode item : Documents.array(value, listing)) {
                    value(xml, name, item, listing.item(), listing.item().xmlNamespace());
                }
            }
            case Shape.Mapping mapping when flattened || mapping.flattened() -> {
                for (var entry : Documents.object(value, mapping).properties()) {
                    start(xml, member.queryWireName(), member.xmlNamespace());
                    entry(xml, entry.getKey(), entry.getValue(), mapping);
                    xml.writeEndElement();
                }
            }
            default -> value(xml, member.wireName(), value, member, member.xmlNamespace());
        }
    }

    private static void value(
            XMLStreamWriter xml,
            String name,
            JsonNode value,
            Member member,
            Optional<Shape.XmlNamespace> namespace)
            throws XMLStreamException {
        start(xml, name, namespace);
        if (!value.isNull()) {
            content(xml, value, member);
        }
        xml.writeEndElement();
    }

    private static void content(XMLStreamWriter xml, JsonNode value, Member member)
            throws XMLStreamException {
        switch (member.shape()) {
            case Shape.Structure structure -> {
                for (Member attribute : structure.members().values()) {
                    if (attribute.xmlAttribute() && value.hasNonNull(attribute.name())) {
                        xml.writeAttribute(
                                attribute.wireName(),
                                Scalars.format(
                                        value.path(attribute.name()),
                                        attribute,
                                        TimestampFormat.ISO8601));
                    }
                }
                members(xml, value, structure);
            }
            case Shape.Listing listing -> {
                for (JsonNode item : Documents.array(value, listing)) {
                    value(
                            xml,
                            listing.item().wireName(),
                            item,
                            listing.item(),
                            listing.item().xmlNamespace());
                }
            }
            case Shape.Mapping mapping -> {
                for (var entry : Documents.object(value, mapping).properties()) {
                    xml.writeStartElement("entry");
                    entry(xml, entry.getKey(), entry.getValue(), mapping);
                    xml.writeEndElement();
                }
            }
            case Shape.Text _,
                    Shape.Numeric _,
                    Shape.Flag _,
                    Shape.Timestamp _,
                    Shape.Blob _,
                    Shape.Document _ ->
                    text(xml, Scalars.format(value, member, TimestampFormat.ISO8601));
        }
    }

    private static void entry(
            XMLStreamWriter xml, String key, JsonNode value, Shape.Mapping mapping)
            throws XMLStreamException {
        start(xml, mapping.key().wireName(), mapping.key().xmlNamespace());
        text(xml, key);
        xml.writeEndElement();
        value(
                xml,
                mapping.value().wireName(),
                value,
                mapping.value(),
                mapping.value().xmlNamespace());
    }

    /// A member that is the whole body.
    static void root(XMLStreamWriter xml, JsonNode value, Member member) throws XMLStreamException {
        if (member.shape() instanceof Shape.Structure structure) {
            // Models give the member's own name as if it were one for the wire.
            String name =
                    member.locationName()
                            .filter(wire -> !wire.equals(member.name()))
                            .or(structure::xmlName)
                            .orElse(structure.name());
            value(xml, name, value, member, member.xmlNamespace().or(structure::xmlNamespace));
        } else {
            value(xml, member.wireName(), value, member, member.xmlNamespace());
        }
    }

    static void start(XMLStreamWriter xml, String name, Optional<Shape.XmlNamespace> namespace)
            throws XMLStreamException {
        xml.writeStartElement(name);
        if (namespace.isPresent()) {
            if (namespace.get().prefix().isEmpty()) {
                xml.writeDefaultNamespace(namespace.get().uri());
            } else {
                xml.writeNamespace(namespace.get().prefix(), namespace.get().uri());
            }
        }
    }

    private static void text(XMLStreamWriter xml, String text) throws XMLStreamException {
        var plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (c == '\r') {
                // A reader would turn a bare carriage return into a line feed.
                xml.writeCharacters(plain.toString());
                plain.setLength(0);
                xml.writeEntityRef("#xD");
            } else {
                plain.appendCodePoint(writable(c) ? c : 0xFFFD);
            }
        }
        xml.writeCharacters(plain.toString());
    }

    private static boolean writable(int c) {
        return c == '\t'
                || c == '\n'
                || (c >= 0x20 && c <= 0xD7FF)
                || (c >= 0xE000 && c != 0xFFFE && c != 0xFFFF);
    }
}
