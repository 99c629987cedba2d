/** How probable the values are that an answer, or a member of it, may have. */
package io.github.gptoss.engine.constraint.odds;
