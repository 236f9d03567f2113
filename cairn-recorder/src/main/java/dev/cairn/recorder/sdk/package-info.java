/// Records the calls that an application makes through the AWS SDK for Java 2.
///
/// Read [dev.cairn.recorder.sdk.RecordingInterceptor]. Needs the SDK, which the application has.
@NullMarked
package dev.cairn.recorder.sdk;

import org.jspecify.annotations.NullMarked;
