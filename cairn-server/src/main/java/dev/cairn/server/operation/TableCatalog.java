package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.store.EventDataStores;
import dev.cairn.store.StoreState;
import java.io.IOException;
import java.util.List;

/// The reading half of Iceberg's REST catalog, over the tables of the caller's event data stores in
/// a region that federation is enabled for: one namespace, `aws:cloudtrail` as AWS calls it in
/// Glue, in which a table is called by its store's id.
///
/// Tables are files on the server's machine: it says where they are, and hands out none of them.
///
/// Source: https://iceberg.apache.org/rest-catalog-spec/ (1.10).
final class TableCatalog {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NAMESPACE = "aws:cloudtrail";

    /// What a client need not try beyond these.
    private static final List<String> ENDPOINTS =
            List.of(
                    "GET /v1/{prefix}/namespaces",
                    "GET /v1/{prefix}/namespaces/{namespace}",
                    "GET /v1/{prefix}/namespaces/{namespace}/tables",
                    "GET /v1/{prefix}/namespaces/{namespace}/tables/{table}");

    private final EventDataStores stores;
    private final TableVersions versions;

    TableCatalog(EventDataStores stores, TableVersions versions) {
        this.stores = stores;
        this.versions = versions;
    }

    ObjectNode configuration(Invocation call) {
        var output = JsonNodeFactory.instance.objectNode();
        output.putObject("defaults");
        output.putObject("overrides");
        ENDPOINTS.forEach(output.putArray("endpoints")::add);
        return output;
    }

    ObjectNode namespaces(Invocation call) {
        var output = JsonNodeFactory.instance.objectNode();
        var list = output.putArray("namespaces");
        if (call.text("parent", "").isEmpty()) {
            list.addArray().add(NAMESPACE);
        }
        return output;
    }

    ObjectNode namespace(Invocation call) {
        checkNamespace(call);
        var output = JsonNodeFactory.instance.objectNode();
        output.putArray("namespace").add(NAMESPACE);
        output.putObject("properties");
        return output;
    }

    ObjectNode tables(Invocation call) throws CatalogException {
        checkNamespace(call);
        var output = JsonNodeFactory.instance.objectNode();
        var list = output.putArray("identifiers");
        for (var state : stores.of(call.caller().account(), call.region())) {
            if (isOpen(state)) {
                var one = list.addObject();
                one.putArray("namespace").add(NAMESPACE);
                one.put("name", state.store().id());
            }
        }
        return output;
    }

    ObjectNode table(Invocation call) throws CatalogException {
        checkNamespace(call);
        var name = call.text("table", "");
        var state =
                stores.find(call.caller().account(), call.region(), name)
                        .filter(TableCatalog::isOpen)
                        .orElseThrow(() ->
                                new Failure(
                                        ErrorCode.NO_SUCH_TABLE,
                                        "There is no event data store %s in %s that federation is enabled for."
                                                .formatted(name, call.region())));
        try {
            var file = versions.newest(state.store());
            var output =
                    JsonNodeFactory.instance.objectNode().put("metadata-location", file.toString());
            output.set("metadata", JSON.readTree(file.toFile()));
            output.putObject("config");
            return output;
        } catch (IOException failure) {
            throw new Failure(
                    ErrorCode.SERVICE_UNAVAILABLE,
                    "the table of %s cannot be read".formatted(state.store().arn()),
                    failure);
        }
    }

    private static boolean isOpen(StoreState state) {
        return state.federationRole() != null && state.deleted() == null;
    }

    private static void checkNamespace(Invocation call) {
        var namespace = call.text("namespace", "");
        if (!namespace.equals(NAMESPACE)) {
            throw new Failure(
                    ErrorCode.NO_SUCH_NAMESPACE,
                    "There is no namespace %s; there is %s.".formatted(namespace, NAMESPACE));
        }
    }
}
