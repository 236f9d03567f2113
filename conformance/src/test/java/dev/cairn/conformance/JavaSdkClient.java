package dev.cairn.conformance;

import java.net.URI;
import java.util.List;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudtrail.CloudTrailClient;
import software.amazon.awssdk.services.cloudtrail.model.Event;
import software.amazon.awssdk.services.cloudtrail.model.LookupAttribute;
import software.amazon.awssdk.services.sts.StsClient;

/// AWS SDK for Java 2. Errors are named by their exception class.
final class JavaSdkClient implements LookupClient {
    private final CloudTrailClient cloudTrail;
    private final StsClient sts;

    JavaSdkClient(URI endpoint, LiveServer.Credentials credentials, String region) {
        cloudTrail =
                JavaSdk.as(credentials, endpoint, CloudTrailClient.builder())
                        .region(Region.of(region))
                        .build();
        sts =
                JavaSdk.as(credentials, endpoint, StsClient.builder())
                        .region(Region.of(region))
                        .build();
    }

    @Override
    public Identity callerIdentity() throws RefusedException {
        try {
            var answer = sts.getCallerIdentity();
            return new Identity(answer.account(), answer.arn(), answer.userId());
        } catch (AwsServiceException failure) {
            throw refused(failure);
        }
    }

    @Override
    public Page lookup(Ask ask) throws RefusedException {
        try {
            var answer =
                    cloudTrail.lookupEvents(request -> {
                        if (!ask.attributes().isEmpty()) {
                            request.lookupAttributes(
                                    ask.attributes().stream()
                                            .map(a ->
                                                    LookupAttribute.builder()
                                                            .attributeKey(a.key())
                                                            .attributeValue(a.value())
                                                            .build())
                                            .toList());
                        }
                        request.startTime(ask.start())
                                .endTime(ask.end())
                                .eventCategory(ask.category())
                                .maxResults(ask.maxResults())
                                .nextToken(ask.nextToken());
                    });
            return new Page(
                    answer.events().stream().map(JavaSdkClient::found).toList(),
                    answer.nextToken());
        } catch (AwsServiceException failure) {
            throw refused(failure);
        }
    }

    private static Found found(Event event) {
        List<String> resources =
                event.resources().stream()
                        .map(r ->
                                (r.resourceType() == null ? "" : r.resourceType())
                                        + " "
                                        + r.resourceName())
                        .toList();
        return new Found(
                event.eventId(),
                event.eventName(),
                event.eventSource(),
                event.eventTime(),
                event.readOnly(),
                event.username(),
                event.accessKeyId(),
                resources,
                event.cloudTrailEvent());
    }

    @Override
    public void getInsightSelectors() throws RefusedException {
        try {
            cloudTrail.getInsightSelectors(ask -> ask.trailName("main"));
        } catch (AwsServiceException failure) {
            throw refused(failure);
        }
    }

    /// An error that the service's model has is named by its class, another by what AWS calls it.
    private static RefusedException refused(AwsServiceException failure) {
        var type = failure.getClass().getSimpleName();
        return new RefusedException(
                type.equals("CloudTrailException") || type.equals("StsException")
                        ? failure.awsErrorDetails().errorCode()
                        : type,
                String.valueOf(failure.getMessage()));
    }

    @Override
    public void close() {
        cloudTrail.close();
        sts.close();
    }
}
