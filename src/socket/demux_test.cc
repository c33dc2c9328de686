// The connection table finds what is in it and nothing else, through growth and removal.
#include "socket/demux.h"

#include <gtest/gtest.h>

#include <memory>

namespace oriel::socket {
namespace {

class Nobody final : public StreamOwner {
 public:
  void on_stream_work(TcpStream&) override {}
  void on_stream_orphaned(TcpStream&) override {}
  bool may_buffer(const TcpStream&) const override { return true; }
};

class TestStream final : public TcpStream {
 public:
  using TcpStream::TcpStream;
};

TEST(StreamTable, FindsEachOfManyAndNoneOfTheRemoved) {
  Nobody owner;
  BufferPool pool;
  tcp::TcpConfig config;
  tcp::Connection::Setup setup;
  setup.config = &config;
  setup.pool = &pool;
  StreamTable table({11, 22});
  std::vector<std::unique_ptr<TestStream>> streams;
  const Endpoint local = Endpoint::parse("10.0.0.1:80").value();
  for (std::uint32_t i = 0; i < 3000; ++i) {
    const Endpoint remote{IpAddress::v4_from_value(0x0a000100 + i / 100),
                          static_cast<std::uint16_t>(1000 + i % 100)};
    streams.push_back(std::make_unique<TestStream>(owner, local, remote, setup));
    EXPECT_EQ(table.find(local, remote), nullptr);
    table.insert(*streams.back());
  }
  for (const auto& s : streams) {
    EXPECT_EQ(table.find(local, s->remote()), s.get());
    EXPECT_EQ(table.find(s->remote(), local), nullptr) << "the direction counts";
  }
  for (std::size_t i = 0; i < streams.size(); i += 2) table.erase(*streams[i]);
  EXPECT_EQ(table.size(), streams.size() / 2);
  for (std::size_t i = 0; i < streams.size(); ++i) {
    EXPECT_EQ(table.find(local, streams[i]->remote()), i % 2 == 0 ? nullptr : streams[i].get());
  }
  std::size_t count = 0;
  table.for_each([&](const TcpStream&) { ++count; });
  EXPECT_EQ(count, table.size());
  for (std::size_t i = 1; i < streams.size(); i += 2) table.erase(*streams[i]);
}

}  // namespace
}  // namespace oriel::socket
