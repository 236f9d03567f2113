package dev.cairn.testkit.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.Catalog.Document;
import dev.cairn.catalog.CatalogException;
import dev.cairn.catalog.Fields;
import java.util.List;
import org.junit.jupiter.api.Test;

/// An intent said only how many events its file has before files were counted by kind.
class OlderIntentTest {
    private static final String INTENT = "delivery-intent";

    private final DeliverySimulation world = new DeliverySimulation(1);

    @Test
    void a_cut_that_an_older_build_left_open_is_delivered() throws Exception {
        String trail = world.create(true);
        world.record(12);
        world.cut(trail);
        long before = world.delivered(trail);
        Catalog catalog = world.durable();
        List<Document> intents = catalog.list(INTENT, "", "", Catalog.LIMIT_MAX);
        assertThat(intents).isNotEmpty();
        catalog.<Boolean, CatalogException>write(tx -> {
            for (Document intent : intents) {
                tx.replace(intent, older(Fields.of(intent)).json());
            }
            return true;
        });

        world.restart();
        world.settle();

        assertThat(world.delivered(trail)).isGreaterThan(before);
        world.check();
        assertThat(world.judge()).isPositive();
    }

    private static Fields older(Fields intent) throws CatalogException {
        long records = 0;
        for (String kind : intent.text("counts").split(" ", -1)) {
            records += Long.parseLong(kind.split(":", -1)[1]);
        }
        return intent.without("counts")
                .without("packedBytes")
                .with("records", Long.toString(records));
    }
}
