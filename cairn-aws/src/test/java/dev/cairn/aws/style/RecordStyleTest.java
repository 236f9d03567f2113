package dev.cairn.aws.style;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.aws.shape.ServiceModel;
import dev.cairn.aws.shape.Shape;
import org.junit.jupiter.api.Test;

class RecordStyleTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String MODEL =
            """
            {"metadata":{"protocol":"rest-json","endpointPrefix":"x","apiVersion":"2020-01-01"},
             "operations":{},
             "shapes":{
               "In":{"type":"structure","members":{
                 "DBName":{"shape":"Text","locationName":"dbName"},
                 "Made":{"shape":"Moment"},
                 "MadeOn":{"shape":"Moment","timestampFormat":"iso8601"},
                 "Pin":{"shape":"Secret"},
                 "Password":{"shape":"Text"},
                 "Picture":{"shape":"Bytes"},
                 "Tags":{"shape":"Tags"},
                 "All":{"shape":"Texts"}}},
               "Text":{"type":"string"},
               "Secret":{"type":"string","sensitive":true},
               "Moment":{"type":"timestamp"},
               "Bytes":{"type":"blob"},
               "Texts":{"type":"list","member":{"shape":"Secret"}},
               "Tags":{"type":"map","key":{"shape":"Text"},"value":{"shape":"Text"}}}}\
            """;

    private static JsonNode shown(RecordStyle style, String document) throws Exception {
        Shape shape = ServiceModel.of(JSON.readTree(MODEL)).shape("In").orElseThrow();
        return style.show(JSON.readTree(document), shape);
    }

    @Test
    void most_services_show_names_with_a_small_first_letter_and_dates_as_text() throws Exception {
        assertThat(
                        shown(
                                RecordStyle.USUAL,
                                """
                                {"DBName":"n","Made":1795293797.5,"Tags":{"Cost":"1"},"Newer":{"ThanTheModel":1,"Password":"2"}}\
                                """))
                .isEqualTo(
                        JSON.readTree(
                                """
                                {"dBName":"n","made":"Nov 21, 2026, 8:43:17 PM","tags":{"Cost":"1"},
                                 "newer":{"thanTheModel":1,"password":"HIDDEN_DUE_TO_SECURITY_REASONS"}}\
                                """));
    }

    @Test
    void young_services_show_both_as_on_the_wire() throws Exception {
        var style =
                new RecordStyle(
                        RecordStyle.Names.WIRE,
                        RecordStyle.Dates.WIRE,
                        RecordStyle.Secrets.STARS,
                        false);

        assertThat(
                        shown(
                                style,
                                """
                                {"DBName":"n","Made":1795293797.5,"MadeOn":1795293797.5,"Pin":"1"}\
                                """))
                .hasToString(
                        """
                        {"dbName":"n","Made":1.7952937975E9,"MadeOn":"2026-11-21T20:43:17.500Z","Pin":"***"}\
                        """);
    }

    @Test
    void secrets_are_hidden_by_their_mark_and_by_their_name() throws Exception {
        assertThat(
                        shown(
                                RecordStyle.USUAL,
                                """
                                {"Pin":"1","Password":"2","All":["3"]}\
                                """))
                .isEqualTo(
                        JSON.readTree(
                                """
                                {"pin":"HIDDEN_DUE_TO_SECURITY_REASONS",
                                 "password":"HIDDEN_DUE_TO_SECURITY_REASONS",
                                 "all":["HIDDEN_DUE_TO_SECURITY_REASONS"]}\
                                """));
    }

    @Test
    void some_services_leave_secrets_and_bytes_out() throws Exception {
        var style =
                new RecordStyle(
                        RecordStyle.Names.LOWER_CAMEL,
                        RecordStyle.Dates.TEXT,
                        RecordStyle.Secrets.OMITTED,
                        false);

        assertThat(shown(style, "{\"Pin\":\"1\",\"Picture\":\"AQ==\",\"DBName\":\"n\"}"))
                .isEqualTo(JSON.readTree("{\"dBName\":\"n\"}"));
    }
}
