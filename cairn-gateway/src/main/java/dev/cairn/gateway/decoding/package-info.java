/// *Decoding*: what a call that passed by says, as CloudTrail would say it.
///
/// [Decoding] takes an [ObservedCall] (request and answer, as far as they were kept) and gives a
/// [DecodedCall]: the fields of a CloudTrail record that the call itself determines. Who called,
/// from where and when, the recorder adds.
///
/// S3 is not among AWS's models and has habits of its own ([S3Reading]); EC2 is, and has even more
/// ([Ec2Reading]); every other service is read by its model ([ModelReading]), or, where that does
/// not know the operation, by the looks of the request ([PlainReading]). What no rule could say
/// stands in small tables beside these classes: services' names and styles, which operations only
/// read, which are data events, what they touch.
///
/// Decoding never fails for what a caller or an upstream can send: what cannot be read is left out.
@NullMarked
package dev.cairn.gateway.decoding;

import org.jspecify.annotations.NullMarked;
