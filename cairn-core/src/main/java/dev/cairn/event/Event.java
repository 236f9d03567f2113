package dev.cairn.event;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One CloudTrail record: its bytes, and what questions are asked of it most.
///
/// Made by [EventReader] only. What old records lack is derived as `docs/event.md` tells, so that a
/// record of version 1.01 answers the same questions as one of 1.11.
///
/// @param json the original bytes, UTF-8; never changed (invariant I6)
/// @param id `eventID`
/// @param place recipient account and region
/// @param time `eventTime`
/// @param version `eventVersion`, such as `1.08`; empty when absent
/// @param source `eventSource`, such as `ec2.amazonaws.com`
/// @param name `eventName`, such as `TerminateInstances`
/// @param type `eventType`, such as `AwsApiCall`; empty when absent
/// @param category `eventCategory`, or derived
/// @param readOnly `readOnly`, or derived from the name
/// @param username as LookupEvents gives it: `root`, the IAM user, or the role session's name
/// @param principalArn `userIdentity.arn`
/// @param accessKeyId `userIdentity.accessKeyId`; null when absent or empty
/// @param sourceIpAddress `sourceIPAddress`
/// @param errorCode null when the call succeeded
/// @param resources what it touched: from the record's own list, and from well-known request and
///   response members; at most [EventReader#RESOURCES_MAX], no two equal
@SuppressWarnings("ArrayRecordComponent") // The array's identity is never relied on.
public record Event(
        byte[] json,
        String id,
        Place place,
        Instant time,
        String version,
        String source,
        String name,
        String type,
        Category category,
        boolean readOnly,
        @Nullable String username,
        @Nullable String principalArn,
        @Nullable String accessKeyId,
        @Nullable String sourceIpAddress,
        @Nullable String errorCode,
        List<Resource> resources) {}
