/* The wake protocol of wake.h: no wake-up is lost, nobody sleeps for ever, and wake-ups in vain are bounded.
 *
 * One mover publishes positions 1..N; one waiter consumes them and sleeps when it has seen all. A sleep is the
 * kernel's: it begins only if `signal` still holds what the waiter read before it published its point, and ends by
 * a wake. Each side's stores pass through a buffer of one store that drains at any time, as on x86 (so a later load may
 * overtake an earlier store), unless the store is the seq_cst one of wake.h, which waits until it is drained.
 *
 * A waiter may look for as long as it likes before it publishes its point (a lane, pipe_looks.h): that is the
 * branch where the position has moved, taken any number of times.
 *
 * -DNO_POSITION  the waiter publishes only that it sleeps, and the mover wakes once for each time it sees that begin
 * -DNO_FENCE     plain stores: the load of the other's word may come first
 * Both must fail.
 */
#define N 4
#define NOBODY 255

byte position = 0;     /* the mover's, as others see it */
byte point = NOBODY;   /* the waiter's, as others see it */
byte signal = 0;       /* the mover's; changes with each wake (wraps: a byte is plenty for N) */
bool asleep = false;   /* the waiter is in the kernel */
byte consumed = 0;
byte wakes = 0;

/* Store buffers: full or not, and what is in them. */
bool mover_full = false;  byte mover_value;
bool waiter_full = false; byte waiter_value;

active proctype memory() {
end:
  do
  :: atomic { mover_full -> position = mover_value; mover_full = false }
  :: atomic { waiter_full -> point = waiter_value; waiter_full = false }
  od
}

inline drain_mover() {
#ifndef NO_FENCE
  !mover_full
#else
  skip
#endif
}
inline drain_waiter() {
#ifndef NO_FENCE
  !waiter_full
#else
  skip
#endif
}

active proctype mover() {
  byte p = 0;
  byte seen;
#ifdef NO_POSITION
  bool was_asleep = false;
#endif
  do
  :: p < N ->
     atomic { !mover_full -> mover_value = p + 1; mover_full = true }
     drain_mover();
     seen = point;
#ifdef NO_POSITION
     if
     :: seen != NOBODY && !was_asleep -> atomic { signal++; asleep = false; wakes++ }
     :: else -> skip
     fi;
     was_asleep = (seen != NOBODY);
#else
     if
     :: seen == p -> atomic { signal++; asleep = false; wakes++ }   /* before <= seen < after */
     :: else -> skip
     fi;
#endif
     p++
  :: p == N -> break
  od
}

active proctype waiter() {
  byte expected;
  do
  :: consumed == N -> break
  :: consumed < N && position != consumed ->
     consumed = position                      /* whatever has come, at once */
  :: consumed < N && position == consumed ->
     expected = signal;
     atomic { !waiter_full -> waiter_value = consumed; waiter_full = true }
     drain_waiter();
     if
     :: position != consumed -> skip          /* looked once more: it has moved */
     :: position == consumed ->
        atomic {                              /* the kernel compares and sleeps in one step */
          if
          :: signal == expected -> asleep = true
          :: else -> skip
          fi
        }
        !asleep
     fi;
#ifdef NO_POSITION
     atomic { !waiter_full -> waiter_value = NOBODY; waiter_full = true }
#endif
  od;
  assert(wakes <= N)                          /* at most one wake-up for each move */
}

/* A lost wake-up is the waiter asleep for ever: an invalid end state, which pan reports. */
