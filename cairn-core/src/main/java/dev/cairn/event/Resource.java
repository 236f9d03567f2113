package dev.cairn.event;

/// Something an event touched.
///
/// @param type CloudFormation's form, such as `AWS::EC2::Instance`; empty when it cannot be told
/// @param name a name or id rather than an ARN where the record gives one: `i-0abc`, `my-bucket`
public record Resource(String type, String name) {}
