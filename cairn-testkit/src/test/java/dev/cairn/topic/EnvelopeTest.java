package dev.cairn.topic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.queue.MessageAttribute;
import dev.cairn.topic.Subscription.Protocol;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The forms are those of the Amazon SNS Developer Guide, "Parsing Amazon SNS message formats".
class EnvelopeTest {
    private static final Instant TIME = Instant.parse("2012-05-02T00:54:06.655Z");
    private static final TopicArn ARN = new TopicArn("us-west-2", "123456789012", "MyTopic");
    private static final Subscription TO =
            new Subscription(
                    ARN,
                    "c9135db0-26c4-47ec-8998-413945fb5a96",
                    "123456789012",
                    Protocol.HTTP,
                    "http://example.org",
                    null,
                    TIME,
                    false,
                    false,
                    Subscription.Terms.DEFAULTS);

    private final List<String> signed = new ArrayList<>();
    private final Envelope envelope =
            new Envelope(
                    new Signing() {
                        @Override
                        public void prepare(Instant now) {}

                        @Override
                        public String sign(String version, String text) {
                            signed.add(version + " " + text);
                            return "EXAMPLE=";
                        }

                        @Override
                        public String certificatePath() {
                            return "/certificates/a.pem";
                        }
                    },
                    "https://cairn");

    @Test
    void a_notification_is_written_and_signed_as_sns_does() {
        Message message =
                new Message(
                        "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
                        ARN,
                        "My First Message",
                        "Hello \"world\"!",
                        Map.of(),
                        Map.of("n", new MessageAttribute("Number", "7")),
                        TIME);

        assertThat(envelope.notification(message, TO, "1"))
                .isEqualTo(
                        """
                        {
                          "Type" : "Notification",
                          "MessageId" : "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
                          "TopicArn" : "arn:aws:sns:us-west-2:123456789012:MyTopic",
                          "Subject" : "My First Message",
                          "Message" : "Hello \\"world\\"!",
                          "Timestamp" : "2012-05-02T00:54:06.655Z",
                          "SignatureVersion" : "1",
                          "Signature" : "EXAMPLE=",
                          "SigningCertURL" : "https://cairn/certificates/a.pem",
                          "UnsubscribeURL" : "https://cairn/confirm?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-west-2:123456789012:MyTopic:c9135db0-26c4-47ec-8998-413945fb5a96",
                          "MessageAttributes" : {
                            "n" : {
                              "Type" : "Number",
                              "Value" : "7"
                            }
                          }
                        }\
                        """);
        assertThat(signed)
                .containsExactly(
                        """
                        1 Message
                        Hello "world"!
                        MessageId
                        22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324
                        Subject
                        My First Message
                        Timestamp
                        2012-05-02T00:54:06.655Z
                        TopicArn
                        arn:aws:sns:us-west-2:123456789012:MyTopic
                        Type
                        Notification
                        """);
    }

    @Test
    void a_question_to_confirm_is_written_and_signed_as_sns_does() {
        assertThat(envelope.confirmation(TO, "2336412f", "165545c9", TIME, "2"))
                .isEqualTo(
                        """
                        {
                          "Type" : "SubscriptionConfirmation",
                          "MessageId" : "165545c9",
                          "Token" : "2336412f",
                          "TopicArn" : "arn:aws:sns:us-west-2:123456789012:MyTopic",
                          "Message" : "You have chosen to subscribe to the topic arn:aws:sns:us-west-2:123456789012:MyTopic.\\nTo confirm the subscription, visit the SubscribeURL included in this message.",
                          "SubscribeURL" : "https://cairn/confirm?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-west-2:123456789012:MyTopic&Token=2336412f",
                          "Timestamp" : "2012-05-02T00:54:06.655Z",
                          "SignatureVersion" : "2",
                          "Signature" : "EXAMPLE=",
                          "SigningCertURL" : "https://cairn/certificates/a.pem"
                        }\
                        """);
        assertThat(signed.getFirst())
                .startsWith("2 Message\nYou have chosen")
                .contains("\nSubscribeURL\nhttps://cairn/confirm?Action=")
                .endsWith(
                        "\nTimestamp\n2012-05-02T00:54:06.655Z\nToken\n2336412f\nTopicArn\narn:aws:sns:us-west-2:123456789012:MyTopic\nType\nSubscriptionConfirmation\n");
    }
}
