package dev.cairn.aws.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.aws.shape.ServiceCatalog;
import dev.cairn.aws.shape.ServiceModel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// SQS changed its protocol from query to JSON: old clients still send forms, whose names AWS's
/// present model does not have.
class QueueFormsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final ServiceCatalog catalog = new ServiceCatalog();
    private final ServiceModel sqs = catalog.model(catalog.named("sqs").orElseThrow());
    private final Request form =
            new Request(
                    "POST",
                    "/123456789012/work",
                    "",
                    Headers.of("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"));
    private final Request json =
            new Request(
                    "POST",
                    "/",
                    "",
                    Headers.of(
                            "Content-Type",
                            "application/x-amz-json-1.0",
                            "X-Amz-Target",
                            "AmazonSQS.CreateQueue"));

    @Test
    void a_form_means_what_the_json_means() throws Exception {
        var expected =
                JSON.readTree(
                        "{\"QueueName\":\"work\",\"Attributes\":{\"DelaySeconds\":\"5\",\"Policy\":\"{}\"},\"tags\":{\"a\":\"b\"}}");

        assertThat(
                        input(
                                form,
                                "Action=CreateQueue&Version=2012-11-05&QueueName=work&Attribute.1.Name=DelaySeconds&Attribute.1.Value=5&Attribute.2.Name=Policy&Attribute.2.Value=%7B%7D&Tag.1.Key=a&Tag.1.Value=b"))
                .isEqualTo(expected);
        assertThat(input(json, expected.toString())).isEqualTo(expected);
    }

    @Test
    void lists_and_maps_of_structures_are_read_by_their_old_names() throws Exception {
        assertThat(
                        input(
                                form,
                                "Action=SendMessageBatch&Version=2012-11-05&QueueUrl=u&SendMessageBatchRequestEntry.1.Id=a&SendMessageBatchRequestEntry.1.MessageBody=x&SendMessageBatchRequestEntry.1.MessageAttribute.1.Name=n&SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType=Number&SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.StringValue=7"))
                .isEqualTo(
                        JSON.readTree(
                                "{\"QueueUrl\":\"u\",\"Entries\":[{\"Id\":\"a\",\"MessageBody\":\"x\",\"MessageAttributes\":{\"n\":{\"DataType\":\"Number\",\"StringValue\":\"7\"}}}]}"));
    }

    @Test
    void an_answer_goes_out_in_the_form_of_the_question() throws Exception {
        var output =
                (ObjectNode)
                        JSON.readTree(
                                "{\"Messages\":[{\"MessageId\":\"1\",\"Body\":\"x\",\"Attributes\":{\"SenderId\":\"s\"}}]}");
        var operation = sqs.operation("ReceiveMessage").orElseThrow();

        assertThat(codec(form).write(sqs, operation, output, "id").text())
                .isEqualTo(
                        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ReceiveMessageResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><ReceiveMessageResult><Message><MessageId>1</MessageId><Body>x</Body><Attribute><Name>SenderId</Name><Value>s</Value></Attribute></Message></ReceiveMessageResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></ReceiveMessageResponse>");
        assertThat(JSON.readTree(codec(json).write(sqs, operation, output, "id").text()))
                .isEqualTo(output);
    }

    @Test
    void an_error_has_its_new_name_in_json_and_its_old_one_in_a_form_and_in_a_header() {
        var error = WireError.of("QueueDoesNotExist", "none");

        var inJson = codec(json).writeError(sqs, error, "id");
        assertThat(inJson.text()).contains("\"__type\":\"QueueDoesNotExist\"");
        assertThat(inJson.headers().first("x-amzn-query-error"))
                .contains("AWS.SimpleQueueService.NonExistentQueue;Sender");
        assertThat(codec(form).writeError(sqs, error, "id").text())
                .contains("<Code>AWS.SimpleQueueService.NonExistentQueue</Code>");
    }

    private ObjectNode input(Request request, String body) {
        var call = codec(request).parse(sqs, request, body.getBytes(StandardCharsets.UTF_8));
        return ((Call.Parsed) call).input();
    }

    private Codec codec(Request request) {
        return ((Codecs.Choice.Spoken) new Codecs().choose(sqs, request)).codec();
    }
}
