package dev.cairn.server.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdvisoryTest {
    private static Component jetty(String version) {
        return new Component("org.eclipse.jetty", "jetty-server", version, List.of(), "");
    }

    private static Advisory advisory(String ranges) throws Exception {
        return Advisory.of(
                        new ObjectMapper()
                                .readTree(
                                        """
                                        {"id":"CAIRN-1","affected":[{"package":{"ecosystem":"Maven",
                                         "name":"org.eclipse.jetty:jetty-server"},%s}]}
                                        """
                                                .formatted(ranges.replace('\'', '"'))))
                .orElseThrow();
    }

    @ParameterizedTest(name = "{1} in {0}: {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'introduced':'0'}                                                    | 0.0.1-alpha  | true",
                "{'introduced':'0'},{'fixed':'12.1.10'}                                | 12.1.9       | true",
                "{'introduced':'0'},{'fixed':'12.1.10'}                                | 12.1.10      | false",
                "{'introduced':'0'},{'fixed':'12.1.9'}                                 | 12.1.10      | false",
                "{'introduced':'0'},{'fixed':'12.1'}                                   | 12.1.0       | false",
                "{'introduced':'12.0.0'},{'fixed':'12.1.10'}                           | 11.9         | false",
                "{'introduced':'12.0.0'},{'fixed':'12.1.10'}                           | 12.0.0.beta1 | false",
                "{'introduced':'12.0.0.beta1'},{'fixed':'12.1.10'}                     | 12.0.0       | true",
                "{'introduced':'12.0.0'},{'fixed':'12.1.10'}                           | 12.1.10-rc1  | true",
                "{'introduced':'12.0.0'},{'last_affected':'12.1.10'}                   | 12.1.10      | true",
                "{'introduced':'12.0.0'},{'last_affected':'12.1.10'}                   | 12.1.11      | false",
                "{'introduced':'9'},{'fixed':'9.4.5'},{'introduced':'12'},{'fixed':'12.1'} | 10       | false",
                "{'introduced':'9'},{'fixed':'9.4.5'},{'introduced':'12'},{'fixed':'12.1'} | 12.0.9   | true",
                "{'fixed':'12.1'},{'introduced':'12'},{'fixed':'9.4.5'},{'introduced':'9'} | 9.4.4    | true",
                "{'introduced':'0'},{'limit':'12'}                                     | 12.1         | false",
                "{'introduced':'0'},{'limit':'12'}                                     | 11.1         | true",
                "{'introduced':'0'},{'limit':'*'}                                      | 11.1         | true",
            })
    void ranges_are_judged_in_mavens_order_of_versions(
            String events, String version, boolean affected) throws Exception {
        var advisory = advisory("'ranges':[{'type':'ECOSYSTEM','events':[%s]}]".formatted(events));
        assertThat(advisory.affects(jetty(version))).isEqualTo(affected);
    }

    @Test
    void versions_may_be_named_one_by_one_beside_ranges() throws Exception {
        var advisory =
                advisory(
                        "'versions':['12.1.14','7.0'],'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'8'},{'fixed':'9'}]},{'type':'GIT','events':[{'introduced':'0'}]}]");
        for (var version : List.of("12.1.14", "7.0.0", "8.5")) {
            assertThat(advisory.affects(jetty(version))).as(version).isTrue();
        }
        for (var version : List.of("12.1.13", "7.0.1", "9")) {
            assertThat(advisory.affects(jetty(version))).as(version).isFalse();
        }
    }

    @Test
    void another_library_of_the_same_version_is_not_affected() throws Exception {
        var advisory = advisory("'versions':['12.1.14']");
        assertThat(advisory.affects(jetty("12.1.14"))).isTrue();
        assertThat(
                        advisory.affects(
                                new Component(
                                        "org.eclipse.jetty",
                                        "jetty-util",
                                        "12.1.14",
                                        List.of(),
                                        "")))
                .isFalse();
    }

    @Test
    void the_version_that_mends_it_is_the_next_of_the_same_range() throws Exception {
        var advisory =
                advisory(
                        "'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'9'},{'fixed':'9.4.5'}]},{'type':'ECOSYSTEM','events':[{'introduced':'12.0'},{'fixed':'12.1.15'}]}]");
        assertThat(advisory.fixedIn(jetty("12.1.14"))).contains("12.1.15");
        assertThat(advisory.fixedIn(jetty("9.1"))).contains("9.4.5");
        var unmended = advisory("'ranges':[{'type':'ECOSYSTEM','events':[{'introduced':'9'}]}]");
        assertThat(unmended.fixedIn(jetty("9.1"))).isEmpty();
    }

    @Test
    void what_has_not_the_form_of_an_entry_is_no_entry() {
        for (var text : List.of("{}", "[]", "{\"id\":\"X\"}", "{\"affected\":[]}", "null")) {
            assertThatThrownBy(() -> Advisory.of(new ObjectMapper().readTree(text)))
                    .as(text)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("OSV");
        }
    }
}
