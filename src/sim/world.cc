// Virtual time: whoever has the earliest deadline is stepped next. Work per step: one look at every
// host's deadline, so worlds of a few hosts cost the same per packet however long they run.
//
// Surprise: a world that stands still (a host that is due again and again at the same instant) is
// reported as a violation instead of hanging the program.
#include <fmt/format.h>

#include <queue>
#include <string>

#include "base/random.h"
#include "sim/sim_link.h"

namespace oriel::sim {
namespace {

constexpr std::size_t kMtuDefault = 1500;
constexpr std::uint64_t kStepsAtOneInstantMax = 1'000'000;

struct Action {
  Instant when;
  std::uint64_t order;
  std::function<void()> run;
  friend bool operator<(const Action& a, const Action& b) {  // for a heap with the earliest on top
    return a.when != b.when ? a.when > b.when : a.order > b.order;
  }
};

}  // namespace

struct World::Link {
  std::shared_ptr<SimLink> sim;
};

struct World::Impl {
  struct Port {
    SimLink* link;
    SimLink::End end;
  };
  struct Member {
    std::string name;
    std::unique_ptr<Host> host;
    std::vector<Port> ports;

    Instant deadline() const {
      Instant t = host->next_deadline();
      for (const Port& p : ports) t = earlier(t, p.link->next_deadline(p.end));
      return t;
    }
  };

  explicit Impl(std::uint64_t seed) : random(seed) { state.seed = seed; }

  Member* member_of(const Host* host) {
    for (auto& m : members) {
      if (m->host.get() == host) return m.get();
    }
    return nullptr;
  }
  Instant next_event() const {
    Instant t = actions.empty() ? Instant::never() : actions.top().when;
    for (const auto& m : members) t = earlier(t, m->deadline());
    return t;
  }
  void advance_everybody() {
    for (auto& m : members) m->host->advance(state.now);
  }
  void advance_due() {
    for (auto& m : members) {
      if (m->deadline() <= state.now) m->host->advance(state.now);
    }
  }
  // Hosts first: an action calls them and they must know the time.
  void run_one_action() {
    advance_everybody();
    const std::function<void()> run = actions.top().run;
    actions.pop();
    run();
  }

  WorldState state;
  Random random;
  std::vector<std::unique_ptr<Link>> links;  // outlive the hosts, whose devices point to them
  std::vector<std::unique_ptr<Member>> members;
  std::priority_queue<Action> actions;
  std::uint64_t action_order = 0;
};

World::World(std::uint64_t seed) : impl_(std::make_unique<Impl>(seed)) {}
World::~World() = default;

std::uint64_t World::seed() const {
  return impl_->state.seed;
}
Instant World::now() const {
  return impl_->state.now;
}
std::uint64_t World::digest() const {
  return impl_->state.digest;
}
const std::vector<std::string>& World::violations() const {
  return impl_->state.violations;
}

Host& World::add_host(const std::string& name, const HostSettings& settings) {
  HostOptions options;
  options.is_manual = true;
  options.seed = impl_->random.next() | 1;  // 0 would ask for real entropy
  options.settings = settings;
  auto member = std::make_unique<Impl::Member>();
  member->name = name;
  member->host = std::make_unique<Host>(std::move(Host::create(options).value()));
  member->host->advance(impl_->state.now);
  impl_->members.push_back(std::move(member));
  return *impl_->members.back()->host;
}

World::Link& World::connect(LinkEnd a, LinkEnd b, const PathOptions& a_to_b,
                            const PathOptions& b_to_a,
                            std::vector<std::shared_ptr<Middlebox>> middleboxes) {
  Impl::Member* members[2] = {impl_->member_of(a.host), impl_->member_of(b.host)};
  const std::uint64_t seed_a_to_b = impl_->random.next();
  const std::uint64_t seed_b_to_a = impl_->random.next();
  auto link = std::make_unique<Link>();
  link->sim = std::make_shared<SimLink>(impl_->state, members[0]->name, members[1]->name, a_to_b,
                                        b_to_a, std::move(middleboxes), seed_a_to_b, seed_b_to_a);
  const LinkEnd* ends[2] = {&a, &b};
  for (const auto end : {SimLink::kA, SimLink::kB}) {
    const LinkOptions& options = ends[end]->options;
    const std::size_t mtu = options.mtu != 0 ? options.mtu : kMtuDefault;
    const std::string name = members[end]->name + "-" + members[1 - end]->name;
    const auto added =
        ends[end]->host->add_link(make_sim_device(link->sim, end, name, mtu), options);
    if (!added) impl_->state.report("adding a link failed: " + added.error().message());
    members[end]->ports.push_back({link->sim.get(), end});
  }
  impl_->links.push_back(std::move(link));
  return *impl_->links.back();
}

void World::set_path(Link& link, const PathOptions& a_to_b, const PathOptions& b_to_a) {
  link.sim->path().set_options(Middlebox::Direction::kAToB, a_to_b);
  link.sim->path().set_options(Middlebox::Direction::kBToA, b_to_a);
}

const PathStatistics& World::statistics(const Link& link, Middlebox::Direction direction) const {
  return link.sim->path().statistics(direction);
}

Result<void> World::capture(Link& link, const std::string& pcap_path) {
  return link.sim->capture().open(pcap_path);
}

void World::at(Instant when, std::function<void()> action) {
  when = std::max(when, impl_->state.now);
  impl_->actions.push({when, impl_->action_order++, std::move(action)});
}

void World::run_until(Instant end, const std::function<bool()>& is_done) {
  Impl& w = *impl_;
  std::uint64_t steps_here = 0;
  for (Instant t = w.next_event(); t <= end && !t.is_never(); t = w.next_event()) {
    steps_here = t > w.state.now ? 0 : steps_here + 1;
    if (steps_here > kStepsAtOneInstantMax) {
      w.state.report("time stands still: a host is due again and again at the same instant");
      return;
    }
    w.state.now = std::max(w.state.now, t);
    const bool is_action = !w.actions.empty() && w.actions.top().when <= w.state.now;
    if (is_action)
      w.run_one_action();
    else
      w.advance_due();
    if (is_done && is_done()) return;
  }
  w.state.now = std::max(w.state.now, end);
  w.advance_everybody();
}

}  // namespace oriel::sim
