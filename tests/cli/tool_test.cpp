// The command-line tool, run on small files.

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <regex>
#include <thread>

#include <rewind/io/json.h>
#include <rewind/io/numpy.h>
#include <rewind/io/png.h>
#include <rewind/io/pytorch.h>
#include <rewind/io/safetensors.h>

#include "../check.h"
#include "../folder.h"

using namespace rw;
using rw::test::Folder;

namespace {

struct Result {
  int code;
  std::string out, err;
};

struct Tool : Folder {
  // Starts a command of a shell in the folder; its results are in the files "out" and "err".
  pid_t start(const std::string& command) const {
    const pid_t child = fork();
    if (child != 0) return child;
    if (chdir(path.c_str()) != 0) _exit(99);
    const std::string line = command + " >out 2>err";
    execl("/bin/bash", "bash", "-c", line.c_str(), nullptr);
    _exit(99);
  }
  Result wait(pid_t child) const {
    int status = 0;
    waitpid(child, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status), read("out"),
            read("err")};
  }
  Result shell(const std::string& command) const { return wait(start(command)); }
  // rewind with these arguments.
  Result run(const std::string& arguments) const {
    return shell("exec " REWIND_TOOL " " + arguments);
  }
  Result succeed(const std::string& arguments) const {
    Result r = run(arguments);
    BOOST_TEST_REQUIRE(r.code == 0, arguments << ": " << r.err);
    return r;
  }
  std::string at(const std::string& name) const { return path / name; }
};

std::string big_endian(uint32_t n) {
  return {static_cast<char>(n >> 24), static_cast<char>(n >> 16), static_cast<char>(n >> 8),
          static_cast<char>(n)};
}

// A bright bar, lower for each class, over noise.
Tensor picture(int64_t label, int64_t number) {
  Generator gen(static_cast<uint64_t>(number));
  Tensor x = randint(0, 90, {28, 28}, int64, gen);
  x.slice(0, 2 + 2 * label, 5 + 2 * label) += 150;
  return x.to(uint8);
}

// A data set in MNIST's format.
struct Trained : Tool {
  static constexpr int classes = 10;

  Trained() {
    std::filesystem::create_directories(path / "fashion");
    write_part("train", 400);
    write_part("t10k", 60);
  }
  void write_part(const std::string& part, uint32_t count) const {
    std::string images = big_endian(0x803) + big_endian(count) + big_endian(28) + big_endian(28);
    std::string labels = big_endian(0x801) + big_endian(count);
    for (uint32_t i = 0; i < count; ++i) {
      const Tensor x = picture(i % classes, i + (part == "train" ? 0 : 10'000));
      for (const uint8_t byte : x.to_vector<uint8_t>()) images += static_cast<char>(byte);
      labels += static_cast<char>(i % classes);
    }
    write("fashion/" + part + "-images-idx3-ubyte", images);
    write("fashion/" + part + "-labels-idx1-ubyte", labels);
  }
  static std::string train(const std::string& save, const std::string& more = "", int epochs = 6) {
    return "train --model lenet --data fashion --batch 32 --epochs " + std::to_string(epochs) +
           " --augment none --workers 1 --lr 0.05 --save " + save + " " + more;
  }
};

std::string guide() { return rw::test::content_of(REWIND_GUIDE); }

double number(const io::Json& json, const char* name) {
  const io::Json* member = json.find(name);
  BOOST_TEST_REQUIRE(member != nullptr, name << " is missing");
  const double* d = member->get<double>();
  return d ? *d : static_cast<double>(*member->get<int64_t>());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tool)

BOOST_FIXTURE_TEST_CASE(inspects_and_converts, Tool) {
  const NamedTensors tensors = {
      {"module.a", randn({3, 4})}, {"module.b", arange(5)}, {"c", randn({2}).to(bfloat16)}};
  io::save_pytorch(tensors, at("a.pt"));
  const std::string shown = succeed("inspect a.pt").out;
  BOOST_TEST(shown ==
             "a.pt: torch.save, 3 tensors, 92 B\n"
             "\n"
             "tensor    dtype     shape   bytes\n"
             "module.a  float32   [3, 4]     48\n"
             "module.b  int64     [5]        40\n"
             "c         bfloat16  [2]         4\n");
  BOOST_TEST(guide().find("$ rewind inspect a.pt\n" + shown) != std::string::npos);

  // There and back again, bit for bit.
  succeed("convert a.pt a.safetensors");
  succeed("convert a.safetensors b.pt");
  succeed("convert b.pt b.safetensors");
  BOOST_TEST(read("a.safetensors") == read("b.safetensors"));
  const StateDict back = io::load_pytorch(at("b.pt"));
  for (const auto& [name, t] : tensors)
    BOOST_TEST(back[name].to_vector<double>() == t.to_vector<double>());

  succeed("convert --only module. --strip module. --prefix net. a.pt n.npz");
  const StateDict arrays = io::load_npz(at("n.npz"));
  BOOST_TEST_REQUIRE(arrays.size() == 2u);
  BOOST_TEST(arrays["net.b"].to_vector<int64_t>() == tensors[1].second.to_vector<int64_t>());
  succeed("convert --only net.a n.npz a.npy");
  BOOST_TEST(io::load_npy(at("a.npy")).shape() == (Shape{3, 4}));
  succeed("convert a.npy one.safetensors");
  succeed("convert --dtype bfloat16 a.pt half.safetensors");
  const StateDict half = io::read_safetensors(at("half.safetensors"));
  BOOST_TEST((half["module.a"].dtype() == bfloat16 && half["module.b"].dtype() == int64));

  const io::Json json = io::parse_json("json", succeed("inspect --json n.npz").out);
  BOOST_TEST(*json.find("format")->get<std::string>() == "npz");
  BOOST_TEST(number(json, "bytes") == 88);
  // Names of files are bytes.
  io::save_npy(zeros({2}), at("a\xff.npy"));
  const io::Json odd = io::parse_json("json", succeed("inspect --json a\xff.npy").out);
  BOOST_TEST(*odd.find("file")->get<std::string>() == "a\uFFFD.npy");
  for (const char* file : {"a.npy", "one.safetensors", "half.safetensors"})
    BOOST_TEST(succeed(std::string("inspect ") + file).out.find(file) == 0u);
}

BOOST_FIXTURE_TEST_CASE(wrong_usage, Tool) {
  const std::array<std::pair<const char*, const char*>, 19> calls = {{
      {"", "rewind: expected a command"},
      {"inspekt x", "rewind: there is no command 'inspekt'"},
      {"inspect", "rewind inspect: FILE is required"},
      {"inspect x --jsn", "rewind inspect: The following argument was not expected: --jsn"},
      {"train --model lenet --data x --save x.pt",
       "rewind train: --save has to end in .safetensors, got x.pt"},
      {"train --model lenet --data x --save x.safetensors --epochs 0",
       "rewind train: --epochs: expected a positive number, got 0"},
      {"train --model lenett --data x --save x.safetensors",
       "rewind train: --model: lenett not in {alexnet,"},
      {"train --model lenet --data x --save x.safetensors --resume --overwrite",
       "rewind train: --resume and --overwrite are not for one call"},
      {"train --model lenet --data x --save x.safetensors --size 32",
       "rewind train: --size is not for lenet, which takes one size"},
      {"train --model lenet --data x --save x.safetensors --hold-out nan",
       "rewind train: --hold-out: expected a number from 0 to 0.9, got nan"},
      {"train --model lenet --data x --save x.safetensors --label-smoothing nan",
       "rewind train: --label-smoothing: expected a number from 0 to 1, got nan"},
      {"train --model lenet --data x --save x.safetensors --lr inf",
       "rewind train: --lr: expected a positive number, got inf"},
      {"train --model lenet --data x --save x.safetensors --seed -1",
       "rewind train: --seed: expected a number from 0 on, got -1"},
      {"train --model lenet --data x --save x.safetensors --workers 100000",
       "rewind train: --workers: expected a number of threads from 0 to 256, got 100000"},
      {"summary resnet19", "rewind summary: resnet19 is neither a file nor a model"},
      {"summary lenet --input 1x28", "rewind summary: --input: expected channels, "},
      {"summary lenet --input 0x0", "rewind summary: --input: expected channels, "},
      {"summary vit_b_16 --input 3x20x20", "rewind summary: VisionTransformer: expected an "},
      {"convert a.npy b.xyz --dtype int8", "rewind convert: --dtype: int8 not in {float16,"},
  }};
  for (const auto& [arguments, text] : calls) {
    const Result r = run(arguments);
    BOOST_TEST(r.code == 2, arguments);
    BOOST_TEST(r.err.starts_with(text), arguments << ": " << r.err);
    BOOST_TEST(r.err.find("--help tells how it is used.\n") != std::string::npos);
    BOOST_TEST(r.out == "");
  }
}

BOOST_FIXTURE_TEST_CASE(failures, Tool) {
  io::save_npy(zeros({2}), at("x.npy"));
  io::save_pytorch({{"a", zeros({2})}, {"b", zeros({2})}}, at("two.pt"));
  BOOST_TEST_REQUIRE(mkfifo(at("pipe").c_str(), 0600) == 0);
  for (const auto& [arguments, text] :
       {std::pair("inspect no.pt",
                  "rewind: inspect: cannot open no.pt: No such file or directory\n"),
        std::pair("convert two.pt two.npy",
                  "rewind: convert: a .npy file holds one array, and there are 2: "),
        std::pair("convert --only z two.pt z.pt",
                  "rewind: convert: there is no tensor whose name begins with 'z'\n"),
        std::pair("eval x.npy --data .", "rewind: x.npy: it has no 'rewind.model', by which "),
        std::pair("train --model lenet --data no --save x.safetensors",
                  "rewind: there is no folder no\n"),
        std::pair("train --model lenet --data . --save no/x.safetensors",
                  "rewind: there is no folder no for --save no/x.safetensors\n"),
        std::pair("train --model lenet --data . --save x.safetensors --report no/r.html",
                  "rewind: there is no folder no for --report no/r.html\n"),
        std::pair("train --model lenet --data . --save x.safetensors --tensorboard x.npy",
                  "rewind: --tensorboard: x.npy is no folder\n"),
        std::pair("predict --model lenet two.pt x.png",
                  "rewind: two.pt: no weights of lenet: expected '"),
        std::pair("inspect pipe", "rewind: inspect: cannot read pipe: it is no regular file\n")}) {
    const Result r = run(arguments);
    BOOST_TEST(r.code == 1, arguments);
    BOOST_TEST(r.err.starts_with(text), arguments << ": " << r.err);
  }
  BOOST_TEST(!std::filesystem::exists(path / "two.npy"));
  // No room for what is printed.
  for (const char* arguments : {"--help", "train --help", "summary lenet", "completion"}) {
    const Result r = shell(std::string("(" REWIND_TOOL " ") + arguments + " >/dev/full)");
    BOOST_TEST(r.code == 1, arguments);
    BOOST_TEST(r.err == "rewind: can't write to standard output\n");
  }
}

BOOST_FIXTURE_TEST_CASE(helps, Tool) {
  BOOST_TEST(succeed("--version").out.starts_with("rewind "));
  for (const char* command :
       {"", "inspect", "convert", "summary", "train", "eval", "predict", "export"})
    BOOST_TEST(succeed(command + std::string(" --help")).out.find("Examples:\n  rewind ") !=
               std::string::npos);
  const io::Json json = io::parse_json("json", succeed("summary lenet --classes 10 --json").out);
  BOOST_TEST(number(json, "parameters") == 61706);
  BOOST_TEST(succeed("summary resnet18 --depth 0").out.find("11,689,512") != std::string::npos);
}

// What docs/tool.md names is there.
BOOST_FIXTURE_TEST_CASE(guide_names_what_is_there, Tool) {
  std::string helps = succeed("--help").out;
  for (const char* command :
       {"inspect", "convert", "summary", "train", "eval", "predict", "export"})
    helps += succeed(command + std::string(" --help")).out;
  const std::string text = guide();
  const std::regex option("--[a-z][a-z-]*"), call("rewind ([a-z]+) [A-Za-z-]");
  size_t seen = 0;
  for (std::sregex_iterator i(text.begin(), text.end(), option), end; i != end; ++i, ++seen)
    BOOST_TEST(helps.find(i->str()) != std::string::npos, i->str());
  for (std::sregex_iterator i(text.begin(), text.end(), call), end; i != end; ++i, ++seen)
    BOOST_TEST(helps.find("\n  " + (*i)[1].str() + " ") != std::string::npos, i->str());
  BOOST_TEST(seen > 30u);
}

BOOST_FIXTURE_TEST_CASE(completes_words, Tool) {
  const auto complete = [&](const std::string& words, int at) {
    write("c.bash", "source <(" REWIND_TOOL " completion)\nCOMP_WORDS=(" + words +
                        ")\nCOMP_CWORD=" + std::to_string(at) +
                        "\n_rewind\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n");
    return shell("bash c.bash").out;
  };
  BOOST_TEST(complete("rewind e", 1) == "eval\nexport\n");
  BOOST_TEST(complete("rewind train --ba", 2) == "--batch\n");
  BOOST_TEST(complete("rewind train --schedule c", 3) == "constant\ncosine\n");
  BOOST_TEST(complete("rewind train --model resnet5", 3) == "resnet50\nresnet56\n");
  write("clothes.safetensors", "");
  BOOST_TEST(complete("rewind inspect clo", 2) == "clothes.safetensors\n");
}

BOOST_FIXTURE_TEST_CASE(trains_and_predicts, Trained) {
  const Result trained = succeed(
      train("a.safetensors", "--json --tensorboard runs --report report.html --schedule onecycle"));
  const io::Json result = io::parse_json("json", trained.out);
  BOOST_TEST(number(result, "accuracy") > 0.9);
  BOOST_TEST(result.find("epochs")->get<io::Json::Array>()->size() == 6u);
  BOOST_TEST(read("report.html").find("Pullover") != std::string::npos);
  BOOST_TEST(!std::filesystem::is_empty(path / "runs"));
  BOOST_TEST(!std::filesystem::exists(path / "a.state"));

  const std::string inspected = succeed("inspect a.safetensors").out;
  BOOST_TEST(inspected.find("rewind.input    1x28x28") != std::string::npos, inspected);
  const io::Json eval =
      io::parse_json("json", succeed("eval a.safetensors --data fashion --json").out);
  BOOST_TEST(number(eval, "accuracy") == number(result, "accuracy"));
  BOOST_TEST(succeed("eval a.safetensors --data fashion").out.find("Ankle boot") !=
             std::string::npos);

  io::write_png(at("shoe.png"), picture(7, 77));
  io::write_png(at("bag.png"), picture(8, 78).unsqueeze(0).expand({3, 28, 28}));
  const std::string told = succeed("predict --top 1 a.safetensors shoe.png bag.png").out;
  BOOST_TEST(told.find("shoe.png  Sneaker") == 0u, told);
  BOOST_TEST(told.find("\nbag.png   Bag") != std::string::npos, told);
  // The others are told where one fails.
  const Result some = run("predict --top 1 a.safetensors shoe.png no.png bag.png");
  BOOST_TEST(some.code == 1);
  BOOST_TEST(some.out == told);
  BOOST_TEST(some.err.starts_with("rewind: "), some.err);
  BOOST_TEST(some.err.find("no.png") != std::string::npos, some.err);
  const io::Json json =
      io::parse_json("json", succeed("predict --json a.safetensors shoe.png").out);
  BOOST_TEST(json.find("classes")->get<io::Json::Array>()->size() == 3u);

  BOOST_TEST(succeed("export a.safetensors --onnx a.onnx")
                 .out.starts_with(
                     "a.onnx: images float32 [batch, 1, 28, 28], scores float32 [batch, 10], "));
  BOOST_TEST(succeed("summary a.safetensors").out.find("61,706") != std::string::npos);
  const Result own = run("export a.safetensors --onnx ./a.safetensors");
  BOOST_TEST(own.code == 2);
  BOOST_TEST(own.err.starts_with("rewind export: --onnx is the model's own file, a.safetensors"));

  // Data sets of the same files are told apart by the last folder, or the one above raw.
  namespace fs = std::filesystem;
  fs::create_directories(path / "fashion-things" / "FashionMNIST");
  fs::create_directory_symlink(path / "fashion", path / "fashion-things" / "digits");
  fs::create_directory_symlink(path / "fashion", path / "fashion-things" / "FashionMNIST" / "raw");
  BOOST_TEST(run("eval a.safetensors --data fashion-things/digits/").err ==
             "rewind: a.safetensors tells other classes apart than there are in MNIST\n");
  succeed("eval a.safetensors --data fashion-things/FashionMNIST/raw/");
  BOOST_TEST(run("train --model vit_b_16 --size 20 --data fashion --save v.safetensors").code == 2);

  // The weights alone, by another format, and from them on.
  succeed("convert a.safetensors a.pt");
  BOOST_TEST(succeed("summary --model lenet a.pt").out.find("61,706") != std::string::npos);
  BOOST_TEST(succeed("predict --model lenet --top 1 a.pt shoe.png").out.find("7") !=
             std::string::npos);
  const Result tuned = succeed(train("b.safetensors", "--weights a.pt --quiet", 1));
  BOOST_TEST(tuned.err == "10 of 10 tensors are from a.pt\n");
}

BOOST_FIXTURE_TEST_CASE(goes_on_after_an_end, Trained) {
  succeed(train("whole.safetensors", "--quiet"));
  for (const int signal : {SIGINT, SIGKILL}) {
    std::filesystem::remove(path / "part.safetensors");
    const pid_t child =
        start("exec " REWIND_TOOL " " + train("part.safetensors", "--overwrite --quiet"));
    while (!std::filesystem::exists(path / "part.state") && waitpid(child, nullptr, WNOHANG) == 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    kill(child, signal);
    const Result ended = wait(child);
    BOOST_TEST(ended.code == (signal == SIGINT ? 130 : 1000 + SIGKILL), ended.err);
    BOOST_TEST(!std::filesystem::exists(path / "part.safetensors"));
    if (signal == SIGINT) {
      BOOST_TEST(ended.out == "");
      BOOST_TEST(ended.err.starts_with("The training is saved in part.state and goes on by\n  "));
      BOOST_TEST(ended.err.ends_with("--save part.safetensors --quiet --resume\n"));
    }
    const Result again = run(train("part.safetensors", "--quiet"));
    BOOST_TEST(again.code == 1);
    BOOST_TEST(again.err ==
               "rewind: part.state holds a training: --resume goes on with it, "
               "--overwrite begins anew\n");
    BOOST_TEST(succeed("inspect part.state").out.find("training state") != std::string::npos);
    // Nothing is lost by a call that can't begin, or with other options.
    BOOST_TEST(run("train --model lenet --data no --save part.safetensors --overwrite").code == 1);
    for (const auto& [option, text] :
         {std::pair("--seed 2", "with --seed 1, not with --seed 2"),
          std::pair("--weight-decay 0", "with --weight-decay 0.0005, not with --weight-decay 0"),
          std::pair("--hold-out 0.2", "with --hold-out 0.1, not with --hold-out 0.2"),
          std::pair("--bfloat16", "without --bfloat16, not with --bfloat16")}) {
      const Result other = run(train("part.safetensors", std::string("--resume ") + option));
      BOOST_TEST(other.code == 1);
      BOOST_TEST(other.err == std::string("rewind: part.state was begun ") + text + "\n");
    }
    BOOST_TEST(run(train("part.safetensors", "--resume", 7)).err ==
               "rewind: part.state was begun with --epochs 6, not with --epochs 7\n");
    // The weights of a state alone have none of its texts.
    succeed("convert part.state weights.safetensors --only model. --strip model.");
    BOOST_TEST(succeed("inspect weights.safetensors")
                   .out.starts_with("weights.safetensors: safetensors, 10 tensors, "));
    BOOST_TEST(io::SafetensorsFile(at("weights.safetensors")).metadata().empty());
    succeed(train("part.safetensors", "--quiet --resume"));
    BOOST_TEST(read("part.safetensors") == read("whole.safetensors"));
    BOOST_TEST(!std::filesystem::exists(path / "part.state"));
    for (const char* more : {"--quiet", "--quiet --resume"})
      BOOST_TEST(run(train("part.safetensors", more)).err ==
                 "rewind: part.safetensors holds a model already: --overwrite replaces it\n");
  }
}

BOOST_FIXTURE_TEST_CASE(photographs_in_folders, Tool) {
  const auto write_part = [&](const std::string& part, int count) {
    for (const int label : {1, 8}) {
      const auto folder = path / part / (label == 1 ? "high" : "low");
      std::filesystem::create_directories(folder);
      for (int i = 0; i < count; ++i)
        io::write_png(folder / (std::to_string(i) + ".png"), picture(label, 100 * label + i));
    }
  };
  write_part("photos/train", 12);
  write_part("photos/val", 12);
  const auto tested = [&](const std::string& folder) {
    return number(io::parse_json("json", succeed("eval p.safetensors --json --data " + folder).out),
                  "pictures");
  };
  // Of 22 images the last batch of 7 would be a single one, which batch_norm does not take.
  const std::string options =
      "train --model resnet20 --size 16 --epochs 2 --batch 7 --lr 0.02 --augment strong --quiet "
      "--optimizer adamw --schedule constant --workers 1 --save p.safetensors --data photos";
  succeed(options);
  BOOST_TEST(tested("photos") == 24);
  const Result other = succeed("predict p.safetensors photos/val/low/1.png");
  BOOST_TEST(other.out.find("low") != std::string::npos);
  // Plain weights, whatever their order in the file.
  succeed("convert p.safetensors w.pt");
  succeed("convert w.pt w.safetensors");
  BOOST_TEST(succeed("predict --model resnet20 --json w.safetensors photos/val/low/1.png")
                 .out.find("\"class\":\"1\"") != std::string::npos);

  const auto trained_on = [&](const std::string& folder) {  // images, as the report has them
    succeed(
        "train --model lenet --epochs 1 --batch 8 --augment none --quiet --workers 1 "
        "--save l.safetensors --overwrite --report l.html --data " +
        folder);
    std::smatch found;
    const std::string report = read("l.html");
    BOOST_TEST_REQUIRE(std::regex_search(report, found, std::regex("images</th><td[^>]*>(\\d+)<")));
    return std::stoi(found[1].str());
  };
  BOOST_TEST(trained_on("photos") == 22);
  // With a third part nothing is held out.
  write_part("photos/test", 3);
  BOOST_TEST(tested("photos") == 6);
  BOOST_TEST(trained_on("photos") == 24);
  std::filesystem::remove_all(path / "photos" / "train");
  std::filesystem::remove_all(path / "photos" / "test");
  BOOST_TEST(tested("photos") == 24);
  BOOST_TEST(run("train --model lenet --save n.safetensors --data photos").err ==
             "rewind: there is no folder photos/train\n");
  // One of few is held out.
  write_part("few/train", 3);
  write_part("few/test", 3);
  BOOST_TEST(trained_on("few") == 5);
  // Without parts every tenth picture of each class is kept to test with.
  write_part("plain", 15);
  BOOST_TEST(tested("plain") == 2);
  BOOST_TEST(trained_on("plain") == 26);
}

BOOST_AUTO_TEST_SUITE_END()
