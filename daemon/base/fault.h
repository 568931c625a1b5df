/*
 * Fault points: places at which the crash walk kills the process, as a power
 * cut would. Compiled in with -DLSCPD_FAULTS only.
 *
 * LSCPD_FAULT_LOG names a file to which each point adds a line of fixed
 * length; its number there counts over all processes and their restarts.
 * LSCPD_FAULT_AT is the number at which the process that meets it is killed
 * (without a log: counted in this process alone).
 */
#ifndef LSCPD_BASE_FAULT_H
#define LSCPD_BASE_FAULT_H

#ifdef LSCPD_FAULTS
#	define FAULT(name) fault_point(name)
#else
#	define FAULT(name) ((void)0)
#endif

enum {
	FAULT_LINE_BYTES = 64
};

void fault_point(const char *name);

#endif
