package dev.cairn.aws.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.shape.Member;
import dev.cairn.aws.shape.Shape;
import dev.cairn.aws.shape.Shape.TimestampFormat;
import java.io.ByteArrayInputStream;
import java.util.HashMap;
import java.util.Map;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/// Reads XML bodies as documents. Elements that the model does not know are passed over; a document
/// type declaration is refused, so that nothing outside the body is ever read.
final class XmlReader {
    private static final int DEPTH_MAX = 100;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final XMLStreamReader xml;
    private int depth;

    private XmlReader(XMLStreamReader xml) {
        this.xml = xml;
    }

    /// Reads a body whose root element stands for that structure, whatever it is called.
    static JsonNode read(byte[] body, Shape shape) throws Malformed {
        return read(body, null, shape);
    }

    /// Reads a body whose root element has one that stands for that structure; where it has none of
    /// that name, the structure is empty.
    ///
    /// @param wrapper the name of the root's child
    static JsonNode readWithin(byte[] body, String wrapper, Shape.Structure shape)
            throws Malformed {
        return read(body, wrapper, shape);
    }

    private static JsonNode read(byte[] body, @Nullable String wrapper, Shape shape)
            throws Malformed {
        try {
            XMLStreamReader xml = factory().createXMLStreamReader(new ByteArrayInputStream(body));
            try {
                while (xml.next() != XMLStreamConstants.START_ELEMENT) {
                    if (xml.getEventType() == XMLStreamConstants.DTD) {
                        throw new Malformed("A document type declaration is not allowed");
                    }
                }
                if (wrapper != null && !enterChild(xml, wrapper)) {
                    return NODES.objectNode();
                }
                JsonNode read =
                        shape instanceof Shape.Structure structure
                                ? new XmlReader(xml).structure(structure)
                                : NODES.textNode(new XmlReader(xml).text());
                while (xml.hasNext()) {
                    xml.next();
                }
                return read;
            } finally {
                xml.close();
            }
        } catch (XMLStreamException _) {
            throw new Malformed("The XML you provided was not well-formed");
        }
    }

    private static XMLInputFactory factory() {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        return factory;
    }

    /// From a start tag to that of its first child of that name; false when it has none.
    private static boolean enterChild(XMLStreamReader xml, String name) throws XMLStreamException {
        while (xml.nextTag() == XMLStreamConstants.START_ELEMENT) {
            if (xml.getLocalName().equals(name)) {
                return true;
            }
            new XmlReader(xml).skip();
        }
        return false;
    }

    private void enter() throws Malformed {
        if (++depth > DEPTH_MAX) {
            throw new Malformed("A request may be nested at most " + DEPTH_MAX + " deep");
        }
    }

    /// At a start element; leaves at its end.
    private ObjectNode structure(Shape.Structure structure) throws XMLStreamException, Malformed {
        enter();
        ObjectNode object = NODES.objectNode();
        Map<String, Member> attributes = new HashMap<>();
        Map<String, Member> elements = new HashMap<>();
        for (Member member : structure.members().values()) {
            (member.xmlAttribute() ? attributes : elements).put(elementName(member), member);
        }
        for (int i = 0; i < xml.getAttributeCount(); i++) {
            String prefix = xml.getAttributePrefix(i);
            String local = xml.getAttributeLocalName(i);
            Member member =
                    attributes.get(
                            prefix == null || prefix.isEmpty() ? local : prefix + ":" + local);
            if (member != null) {
                object.set(
                        member.name(),
                        Scalars.parse(xml.getAttributeValue(i), member, TimestampFormat.ISO8601));
            }
        }
        while (xml.nextTag() == XMLStreamConstants.START_ELEMENT) {
            Member member = elements.get(xml.getLocalName());
            if (member == null) {
                skip();
            } else {
                member(object, member);
            }
        }
        depth--;
        return object;
    }

    /// The name that a member's elements have.
    private static String elementName(Member member) {
        if (!member.flattened()
                && member.shape() instanceof Shape.Listing listing
                && listing.flattened()) {
            return listing.item().locationName().orElse(local(member.wireName()));
        }
        return member.xmlAttribute() ? member.wireName() : local(member.wireName());
    }

    private static String local(String name) {
        return name.substring(name.indexOf(':') + 1);
    }

    private void member(ObjectNode object, Member member) throws XMLStreamException, Malformed {
        switch (member.shape()) {
            case Shape.Listing listing when member.flattened() || listing.flattened() -> {
                ArrayNode items =
                        object.get(member.name()) instanceof ArrayNode there
                                ? there
                                : object.putArray(member.name());
                items.add(value(listing.item()));
            }
            case Shape.Mapping mapping when member.flattened() || mapping.flattened() -> {
                ObjectNode entries =
                        object.get(member.name()) instanceof ObjectNode there
                                ? there
                                : object.putObject(member.name());
                entry(entries, mapping);
            }
            default -> object.set(member.name(), value(member));
        }
    }

    private JsonNode value(Member member) throws XMLStreamException, Malformed {
        return switch (member.shape()) {
            case Shape.Structure structure -> structure(structure);
            case Shape.Listing listing -> {
                enter();
                ArrayNode items = NODES.arrayNode();
                while (xml.nextTag() == XMLStreamConstants.START_ELEMENT) {
                    if (xml.getLocalName().equals(local(listing.item().wireName()))) {
                        items.add(value(listing.item()));
                    } else {
                        skip();
                    }
                }
                depth--;
                yield items;
            }
            case Shape.Mapping mapping -> {
                enter();
                ObjectNode entries = NODES.objectNode();
                while (xml.nextTag() == XMLStreamConstants.START_ELEMENT) {
                    entry(entries, mapping);
                }
                depth--;
                yield entries;
            }
            case Shape.Text _,
                    Shape.Numeric _,
                    Shape.Flag _,
                    Shape.Timestamp _,
                    Shape.Blob _,
                    Shape.Document _ ->
                    Scalars.parse(text(), member, TimestampFormat.ISO8601);
        };
    }

    private void entry(ObjectNode entries, Shape.Mapping mapping)
            throws XMLStreamException, Malformed {
        String key = "";
        JsonNode value = NODES.nullNode();
        while (xml.nextTag() == XMLStreamConstants.START_ELEMENT) {
            String name = xml.getLocalName();
            if (name.equals(local(mapping.key().wireName()))) {
                key = text();
            } else if (name.equals(local(mapping.value().wireName()))) {
                value = value(mapping.value());
            } else {
                skip();
            }
        }
        entries.set(key, value);
    }

    private String text() throws XMLStreamException {
        return xml.getElementText();
    }

    private void skip() throws XMLStreamException {
        int open = 1;
        while (open > 0) {
            switch (xml.next()) {
                case XMLStreamConstants.START_ELEMENT -> open++;
                case XMLStreamConstants.END_ELEMENT -> open--;
                default -> {}
            }
        }
    }
}
