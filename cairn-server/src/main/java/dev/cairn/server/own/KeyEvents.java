package dev.cairn.server.own;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.event.Place;
import dev.cairn.kms.KeyArn;
import dev.cairn.kms.KeyCare;
import dev.cairn.kms.Material;
import dev.cairn.ledger.Entry;
import dev.cairn.secret.Secrets;
import java.time.Instant;
import java.util.List;

/// KMS's events of what is done with keys in time: `RotateKey` and `DeleteKey`.
///
/// @param secrets where eventIDs come from
public record KeyEvents(Secrets secrets) implements KeyCare.Events {

    @Override
    public Entry rotated(KeyArn key, Material.How how, Instant at) {
        return entry("RotateKey", key, at, details(key).put("rotationType", how.name()));
    }

    @Override
    public Entry deleted(KeyArn key, Instant at) {
        return entry("DeleteKey", key, at, details(key));
    }

    private static ObjectNode details(KeyArn key) {
        return JsonNodeFactory.instance.objectNode().put("keyId", key.id());
    }

    private Entry entry(String name, KeyArn key, Instant at, ObjectNode details) {
        return new ServiceRecord(
                        "kms.amazonaws.com",
                        name,
                        secrets.uuid(),
                        at,
                        new Place(key.account(), key.region()),
                        "AWS Internal",
                        List.of(
                                new OwnRecord.Touched(
                                        "AWS::KMS::Key", key.toString(), key.account())),
                        details)
                .entry();
    }
}
