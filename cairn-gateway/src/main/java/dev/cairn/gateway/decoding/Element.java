package dev.cairn.gateway.decoding;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/// An XML element, whole.
///
/// @param name with its prefix, as written
/// @param attributes name spaces included, by name with prefix
/// @param text all character data directly in it
record Element(String name, Map<String, String> attributes, List<Element> children, String text) {

    private static final int DEPTH_MAX = 100;
    private static final int ELEMENTS_MAX = 100_000;
    private static final Pattern WHOLE = Pattern.compile("-?(0|[1-9][0-9]{0,17})");
    private static final Pattern FRACTION = Pattern.compile("-?(0|[1-9][0-9]{0,14})\\.[0-9]{1,15}");
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /// Reads a document. Refuses document type declarations, so that nothing outside is ever read.
    ///
    /// @return empty when it is not well-formed, or larger than any service's
    static Optional<Element> read(byte[] document) {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        try {
            XMLStreamReader xml = factory.createXMLStreamReader(new ByteArrayInputStream(document));
            try {
                return Optional.ofNullable(new Reader(xml).read());
            } finally {
                xml.close();
            }
        } catch (XMLStreamException _) {
            return Optional.empty();
        }
    }

    private static final class Reader {
        private final XMLStreamReader xml;
        private int elements;

        Reader(XMLStreamReader xml) {
            this.xml = xml;
        }

        @Nullable Element read() throws XMLStreamException {
            while (xml.hasNext()) {
                switch (xml.next()) {
                    case XMLStreamConstants.DTD -> {
                        return null;
                    }
                    case XMLStreamConstants.START_ELEMENT -> {
                        Element root = element(1);
                        while (xml.hasNext()) {
                            xml.next();
                        }
                        return root;
                    }
                    default -> {}
                }
            }
            return null;
        }

        /// At a start tag; leaves at its end tag.
        private Element element(int depth) throws XMLStreamException {
            if (depth > DEPTH_MAX || ++elements > ELEMENTS_MAX) {
                throw new XMLStreamException("deeper or larger than any service's documents");
            }
            String name = name(xml.getPrefix(), xml.getLocalName());
            var attributes = new LinkedHashMap<String, String>();
            for (int i = 0; i < xml.getNamespaceCount(); i++) {
                String prefix = xml.getNamespacePrefix(i);
                String uri = xml.getNamespaceURI(i);
                attributes.put(
                        prefix == null ? "xmlns" : "xmlns:" + prefix, uri == null ? "" : uri);
            }
            for (int i = 0; i < xml.getAttributeCount(); i++) {
                attributes.put(
                        name(xml.getAttributePrefix(i), xml.getAttributeLocalName(i)),
                        xml.getAttributeValue(i));
            }
            var children = new ArrayList<Element>();
            var text = new StringBuilder();
            while (xml.next() != XMLStreamConstants.END_ELEMENT) {
                if (xml.getEventType() == XMLStreamConstants.START_ELEMENT) {
                    children.add(element(depth + 1));
                } else if (xml.isCharacters()) {
                    text.append(xml.getText());
                }
            }
            return new Element(name, attributes, List.copyOf(children), text.toString());
        }

        private static String name(@Nullable String prefix, String local) {
            return prefix == null || prefix.isEmpty() ? local : prefix + ":" + local;
        }
    }

    /// The first child of that name.
    Optional<Element> child(String childName) {
        for (Element child : children) {
            if (child.name.equals(childName)) {
                return Optional.of(child);
            }
        }
        return Optional.empty();
    }

    /// The text of the first element of that name, in it or anywhere below.
    Optional<String> find(String wanted) {
        for (Element child : children) {
            Optional<String> found =
                    child.name.equals(wanted) ? Optional.of(child.text) : child.find(wanted);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    /// The element as JSON, the way the plain converters do it that S3 and EC2 record by: an
    /// element with nothing but text is its value, repeated ones an array, attributes are members
    /// and text beside them is `content`.
    JsonNode json() {
        String own = text.strip();
        if (attributes.isEmpty() && children.isEmpty()) {
            return value(own);
        }
        ObjectNode object = NODES.objectNode();
        attributes.forEach((attribute, value) -> object.set(attribute, value(value)));
        for (Element child : children) {
            accumulate(object, child.name, child.json());
        }
        if (!own.isEmpty()) {
            accumulate(object, "content", value(own));
        }
        return object;
    }

    /// Adds a member; a second of the same name makes an array of both.
    static void accumulate(ObjectNode object, String name, JsonNode value) {
        JsonNode there = object.get(name);
        if (there == null) {
            object.set(name, value);
        } else if (there instanceof ArrayNode array) {
            array.add(value);
        } else {
            object.set(name, NODES.arrayNode().add(there).add(value));
        }
    }

    /// Text that looks like a number or a truth value is one.
    static JsonNode value(String text) {
        if (text.equalsIgnoreCase("true")) {
            return NODES.booleanNode(true);
        }
        if (text.equalsIgnoreCase("false")) {
            return NODES.booleanNode(false);
        }
        boolean numeric =
                !text.isEmpty() && (text.charAt(0) == '-' || Character.isDigit(text.charAt(0)));
        if (numeric && WHOLE.matcher(text).matches()) {
            long number = Long.parseLong(text);
            return number == (int) number
                    ? NODES.numberNode((int) number)
                    : NODES.numberNode(number);
        }
        if (numeric && FRACTION.matcher(text).matches()) {
            return NODES.numberNode(Double.parseDouble(text));
        }
        return NODES.textNode(text);
    }
}
