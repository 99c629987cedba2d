/**
 * Internal: a call as the driver sees it, its options resolved over the session's configuration,
 * its model looked at, its plan built.
 */
package io.github.gptoss.spark.call;
