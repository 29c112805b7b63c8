// What is kept of ns-3's answers.  Goals:
//
// * a table gives each key its own answer, also where keys share a place
// * calls from within ns-3's libraries come to the functions of ours
// * each of them answers what ns-3's own does, asked once, again, and after
//   others have taken its place
// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/ns3/ns3_memo.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <dlfcn.h>
#include <vector>

#include "ns3/error-rate-model.h"
#include "ns3/lte-amc.h"
#include "ns3/object-factory.h"
#include "ns3/phy-entity.h"
#include "ns3/spectrum-value.h"
#include "ns3/table-based-error-rate-model.h"
#include "ns3/wifi-phy.h"

#include "sim/ns3/ns3.h"

extern "C" {
#include "tests/suite.h"
}

using namespace ns3;

namespace {

const char *const CLASS = "_ZNK3ns38WifiMode18GetModulationClassEv";
const char *const HIGHER = "_ZNK3ns38WifiMode16IsHigherDataRateES0_";
const char *const RATE = "_ZNK3ns38WifiMode11GetDataRateERKNS_12WifiTxVectorEt";
const char *const HEADER = "_ZNK3ns39PhyEntity37CalculatePhyPreambleAndHeader"
                           "DurationERKNS_12WifiTxVectorE";
const char *const STATIC_HEADER =
    "_ZN3ns37WifiPhy37CalculatePhyPreambleAndHeaderDurationERKNS"
    "_12WifiTxVectorE";
const char *const DURATION =
    "_ZN3ns37WifiPhy19CalculateTxDurationEjRKNS_12WifiTxVectorENS"
    "_11WifiPhyBandEt";
const char *const FEEDBACKS =
    "_ZN3ns36LteAmc18CreateCqiFeedbacksERKNS_13SpectrumValueEh";

START_TEST(places_are_taken_over) {
  static ho::Memo<2, int, 4> memo;
  int asked = 0;

  for (int round = 0; round < 3; round++) {
    for (std::uint64_t i = 0; i < 20; i++) {
      for (int again = 0; again < 2; again++) {
        int answer = memo.Get({i / 5, i % 5}, [&] {
          asked++;
          return static_cast<int>(i * i);
        });
        ck_assert_int_eq(answer, static_cast<int>(i * i));
      }
    }
  }
  ck_assert_int_ge(asked, 20);
  ck_assert_int_le(asked, 60); // never for the same key in a row
}
END_TEST

START_TEST(libraries_find_ours) {
  ho_ns_start(1);
  for (const char *symbol : {CLASS, HIGHER, RATE, HEADER, STATIC_HEADER,
                             DURATION, FEEDBACKS, "_ZN3ns39Simulator3NowEv"}) {
    ck_assert_ptr_ne(dlsym(RTLD_DEFAULT, symbol), ho::Original(symbol));
  }
}
END_TEST

struct Sending {
  WifiTxVector vector;
  WifiMode mode;
};

void AddOf(std::vector<Sending> *sendings, WifiModulationClass modulation,
           WifiPreamble preamble, const std::vector<std::uint16_t> &widths,
           const std::vector<std::uint16_t> &guards, std::uint8_t streams) {
  auto phy = WifiPhy::GetStaticPhyEntity(modulation);

  for (WifiMode mode : *phy) {
    for (std::uint16_t width : widths) {
      for (std::uint16_t guard : guards) {
        for (std::uint8_t n = 1; n <= streams; n++) {
          WifiTxVector vector(mode, 0, preamble, guard, 1, n, 0, width, false);
          sendings->push_back({vector, mode});
        }
      }
    }
  }
}

std::vector<Sending> Sendings() {
  std::vector<Sending> sendings;

  AddOf(&sendings, WIFI_MOD_CLASS_OFDM, WIFI_PREAMBLE_LONG, {20}, {800}, 1);
  AddOf(&sendings, WIFI_MOD_CLASS_VHT, WIFI_PREAMBLE_VHT_SU, {20, 40, 80, 160},
        {400, 800}, 3);
  AddOf(&sendings, WIFI_MOD_CLASS_HE, WIFI_PREAMBLE_HE_SU, {20, 80, 160},
        {800, 3200}, 2);
  return sendings;
}

// Some are not allowed, VHT's MCS 9 of 20 MHz say, but have rates all the same.
START_TEST(wifi_is_as_it_was) {
  auto rate =
      reinterpret_cast<std::uint64_t (*)(const WifiMode *, const WifiTxVector &,
                                         std::uint16_t)>(ho::Original(RATE));
  auto header =
      reinterpret_cast<Time (*)(const PhyEntity *, const WifiTxVector &)>(
          ho::Original(HEADER));
  auto static_header = reinterpret_cast<Time (*)(const WifiTxVector &)>(
      ho::Original(STATIC_HEADER));
  auto duration = reinterpret_cast<Time (*)(std::uint32_t, const WifiTxVector &,
                                            WifiPhyBand, std::uint16_t)>(
      ho::Original(DURATION));
  std::vector<Sending> sendings = Sendings();

  ck_assert_uint_gt(sendings.size(), 300); // more than there are places
  for (int round = 0; round < 2; round++) {
    for (const Sending &s : sendings) {
      auto phy = WifiPhy::GetStaticPhyEntity(s.vector.GetModulationClass());
      for (int again = 0; again < 2; again++) {
        ck_assert(s.mode.GetDataRate(s.vector, SU_STA_ID) ==
                  rate(&s.mode, s.vector, SU_STA_ID));
        ck_assert(phy->CalculatePhyPreambleAndHeaderDuration(s.vector) ==
                  header(PeekPointer(phy), s.vector));
        ck_assert(WifiPhy::CalculatePhyPreambleAndHeaderDuration(s.vector) ==
                  static_header(s.vector));
        for (std::uint32_t bytes : {14, 32, 1500, 1501, 60000}) {
          for (WifiPhyBand band : {WIFI_PHY_BAND_2_4GHZ, WIFI_PHY_BAND_5GHZ}) {
            ck_assert(WifiPhy::CalculateTxDuration(bytes, s.vector, band, 0) ==
                      duration(bytes, s.vector, band, 0));
          }
        }
      }
    }
  }
}
END_TEST

START_TEST(modes_are_as_they_were) {
  auto kind = reinterpret_cast<WifiModulationClass (*)(const WifiMode *)>(
      ho::Original(CLASS));
  auto higher = reinterpret_cast<bool (*)(const WifiMode *, WifiMode)>(
      ho::Original(HIGHER));
  std::vector<WifiMode> modes;

  for (auto modulation :
       {WIFI_MOD_CLASS_DSSS, WIFI_MOD_CLASS_HR_DSSS, WIFI_MOD_CLASS_OFDM,
        WIFI_MOD_CLASS_ERP_OFDM, WIFI_MOD_CLASS_VHT, WIFI_MOD_CLASS_HE}) {
    for (WifiMode mode : *WifiPhy::GetStaticPhyEntity(modulation)) {
      modes.push_back(mode);
    }
  }
  ck_assert_uint_gt(modes.size(), 30);
  for (int round = 0; round < 2; round++) {
    for (const WifiMode &a : modes) {
      ck_assert_int_eq(a.GetModulationClass(), kind(&a));
      for (const WifiMode &b : modes) {
        ck_assert(a.IsHigherDataRate(b) == higher(&a, b));
      }
    }
  }
}
END_TEST

START_TEST(errors_are_as_they_were) {
  ObjectFactory factory(ho::WifiErrorRateModel());
  auto ours = factory.Create<ErrorRateModel>();
  auto theirs = CreateObject<TableBasedErrorRateModel>();
  unsigned between = 0;

  ck_assert(ours->IsAwgn() == theirs->IsAwgn());
  for (const Sending &s : Sendings()) {
    for (double snr : {0.5, 3.0, 9.7, 10.0, 150.0, 900.0}) {
      for (std::uint64_t bits : {24, 400, 12000}) {
        double expected =
            theirs->GetChunkSuccessRate(s.mode, s.vector, snr, bits);
        between += expected > 0 && expected < 1;
        for (int again = 0; again < 2; again++) {
          ck_assert_double_eq(
              ours->GetChunkSuccessRate(s.mode, s.vector, snr, bits), expected);
        }
      }
    }
  }
  ck_assert_uint_gt(between, 300);
}
END_TEST

// From below what any modulation needs to above what the best does, alike in
// all blocks, in some, or in none.
START_TEST(lte_is_as_it_was) {
  auto feedbacks = reinterpret_cast<std::vector<int> (*)(
      LteAmc *, const SpectrumValue &, std::uint8_t)>(ho::Original(FEEDBACKS));
  auto amc = CreateObject<LteAmc>();
  std::uint64_t state = 1;
  bool seen[16] = {};

  ho::KeepLteAnswers();
  for (unsigned blocks : {6, 15, 25, 50, 100}) {
    std::vector<double> frequencies(blocks);
    for (unsigned i = 0; i < blocks; i++) {
      frequencies[i] = 2e9 + i * 180e3;
    }
    SpectrumValue sinr(Create<SpectrumModel>(frequencies));
    for (unsigned round = 0; round < 40; round++) {
      double base = 0.05 * (1 << round / 3);
      for (unsigned i = 0; i < blocks; i++) {
        state = state * 6364136223846793005 + 1442695040888963407;
        double part = static_cast<double>(state >> 33) / 4294967296.0;
        sinr[i] = round % 3 == 0   ? base
                  : round % 3 == 1 ? base * (1 + (i / 7) % 2)
                                   : base * part;
      }
      for (unsigned whole : {1u, 2u, 3u, 4u, blocks}) {
        auto group = static_cast<std::uint8_t>(whole);
        std::vector<int> expected = feedbacks(PeekPointer(amc), sinr, group);
        for (int quality : expected) {
          seen[quality] = true;
        }
        for (int again = 0; again < 2; again++) {
          ck_assert(amc->CreateCqiFeedbacks(sinr, group) == expected);
        }
      }
    }
  }
  ck_assert(seen[0] && seen[15]);
  ck_assert_int_ge(std::count(seen, seen + COUNT(seen), true), 12);
}
END_TEST

void Add(TCase *tc) {
  tcase_add_test(tc, places_are_taken_over);
  tcase_add_test(tc, libraries_find_ours);
  tcase_add_test(tc, wifi_is_as_it_was);
  tcase_add_test(tc, modes_are_as_they_were);
  tcase_add_test(tc, errors_are_as_they_were);
  tcase_add_test(tc, lte_is_as_it_was);
}

} // namespace

int main() {
  return suite_run("memo", Add);
}
