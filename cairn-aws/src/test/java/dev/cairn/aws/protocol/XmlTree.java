package dev.cairn.aws.protocol;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/// XML as far as it matters here: elements of one name keep their order, others have none; the
/// request's metadata, the namespace of the root and blanks around text do not count.
record XmlTree(String name, Map<String, String> attributes, String text, List<XmlTree> children) {

    static XmlTree of(String xml) throws IOException {
        try {
            var builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
            return of(
                    builder.parse(new InputSource(new StringReader(xml))).getDocumentElement(),
                    true);
        } catch (ParserConfigurationException | SAXException e) {
            throw new IOException(e);
        }
    }

    private static XmlTree of(Element element, boolean root) {
        var attributes = new TreeMap<String, String>();
        for (int i = 0; i < element.getAttributes().getLength(); i++) {
            Node attribute = element.getAttributes().item(i);
            if (!root) {
                attributes.put(attribute.getNodeName(), attribute.getNodeValue());
            }
        }
        var children = new ArrayList<XmlTree>();
        var text = new StringBuilder();
        for (Node node = element.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element child) {
                if (!List.of("ResponseMetadata", "RequestId").contains(child.getNodeName())) {
                    children.add(of(child, false));
                }
            } else if (node.getNodeValue() != null && node.getNodeType() != Node.COMMENT_NODE) {
                text.append(node.getNodeValue());
            }
        }
        children.sort(Comparator.comparing(XmlTree::name));
        return new XmlTree(
                element.getNodeName(),
                attributes,
                (children.isEmpty() && !text.toString().isBlank()) ? text.toString() : "",
                children);
    }
}
