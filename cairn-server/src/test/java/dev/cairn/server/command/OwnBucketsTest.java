package dev.cairn.server.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.archive.Archive;
import java.io.ByteArrayInputStream;
import java.time.Instant;
import javax.xml.stream.XMLStreamException;
import org.junit.jupiter.api.Test;

class OwnBucketsTest {
    private static final String LISTING =
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>true</IsTruncated>\
            <Contents><Key>a&amp;b/ü 1.json.gz</Key><LastModified>2026-11-21T09:00:00.000Z</LastModified>\
            <ETag>&quot;e&quot;</ETag><Size>17</Size><StorageClass>STANDARD</StorageClass>\
            <Owner><ID>0</ID><Key>not this</Key></Owner></Contents>\
            <Contents><Key>b</Key><LastModified>2026-11-21T09:00:01.000Z</LastModified><Size>0</Size></Contents>\
            <Name>logs</Name></ListBucketResult>\
            """;

    @Test
    void a_listing_is_read_as_the_server_writes_it() throws Exception {
        var page = OwnBuckets.page(new ByteArrayInputStream(LISTING.getBytes(UTF_8)));
        assertThat(page.more()).isTrue();
        assertThat(page.objects())
                .containsExactly(
                        new Archive.Listed(
                                "a&b/ü 1.json.gz", 17, Instant.parse("2026-11-21T09:00:00Z")),
                        new Archive.Listed("b", 0, Instant.parse("2026-11-21T09:00:01Z")));
    }

    @Test
    void a_listing_that_is_cut_off_is_none() {
        var half = LISTING.substring(0, LISTING.indexOf("<Name>")).getBytes(UTF_8);
        assertThatThrownBy(() -> OwnBuckets.page(new ByteArrayInputStream(half)))
                .isInstanceOf(XMLStreamException.class);
    }

    @Test
    void a_listing_without_a_size_is_none() {
        var other = LISTING.replace("<Size>17</Size>", "").getBytes(UTF_8);
        assertThatThrownBy(() -> OwnBuckets.page(new ByteArrayInputStream(other)))
                .isInstanceOf(XMLStreamException.class);
    }
}
